"""A budget of the work that a move of the clock may cost."""


class TooManyEventsError(ValueError):
    """Until a moment, tasks have more events than a budget allows."""


class EventBudget:
    """Counts the work of events; when it is used up, the tasks stay as they were."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.spent = 0

    def spend(self, work: int) -> None:
        """Count work. Raises TooManyEventsError when the limit is exceeded."""
        self.spent += work
        if self.spent > self.limit:
            raise TooManyEventsError(f"more than {self.limit} events of tasks")
