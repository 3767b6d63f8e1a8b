"""Operations at run time: routing, parameters, bodies, violations, rendering."""
