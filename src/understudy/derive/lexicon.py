"""English words of APIs, and Chinese nouns with the English words that name the same thing. Data only."""

_WORDS = """
abort accept access account action active activity actual adapter add additional address admin after agent alarm alert
alias align all allocate allow allowed amount analysis analyze anonymous answer api app append application apply
approve archive area argument array artifact ascending asset assign async attach attempt attribute audit auth author
authenticate authority authorization authorize auto available average avatar await background backup bad balance bank
bandwidth base basic batch before begin belong best between binary bind binlog bit block body boolean bottom bound
branch brand broadcast broken broker browser bucket budget buffer bug build bulk busy button byte cache calculate
calendar call callback cancel canceled canceling cancelled cancelling candidate capacity card cart case catalog
category cause center certificate chain change channel char charge charset chart check checkpoint checksum child
children choice city claim class clean clear client clock clone close cloud cluster code collate collation collect
collection color column combine command comment commit common compact company compare compatible compile complete
component compress compute concurrency concurrent condition config configuration configure confirm conflict connect
connection console constant constraint consume consumer contact contain container content contents context continue
contract control convert cookie copy core cost count counter country coupon cover cpu create creator credential
credit cron currency current cursor custom customer cycle daily dashboard data database date day db deadline debit
debug decode default define definition delay delete deliver delivery demand demo deny department depend dependency
deploy deprecated depth descending description destination destroy detail detect device diagnose diagnosis dialect diff digest
dimension direct direction directory disable discard disconnect discount disk display distinct distribute division
dns document domain done double down download downstream draft drift drive driver drop dry due dump duplicate
duration dynamic edge edit effect elapsed element email empty enable encode encrypt end endpoint engine enter entity
entry enum environment error escape estimate evaluate event exact exception exceed exchange exclude execute execution
executor exist exit expect expand expire expiration explain export express expression extend extension external extra
fail failed failure false family fast fatal favorite feature feed fetch field file filename fill filter final find
finish fire first fix flag flavor flow flush folder follow force foreign forget fork form format forward found
fragment free frequency frozen from front full function future gateway gather generate generic get global grade grant
graph grid group guest guide half handle handler hang hardware has hash head header health heartbeat height help
hidden high history hold home hook host hostname hour house http human icon idc identifier identity idle ignore image
import inactive incident include income increment index industry info information inherit init initial inner input
insert inspect inspection install instance instant instruction integer interface internal interval invalid invite
invoice invoke is issue item iterate job join journal json junction keep kernel key keyspace keyword kill kind label
language large last latency latest launch layer layout lead leader leaf learn lease leave left length level library
license life limit line link list listen load local locale locality location lock log logger login logo logout long
lookup loop lost low machine mail main maintain maintenance major manage manager manual manifest map mark market
mask master match max maximum mean media medium member memory menu merge message meta metadata meter method metric
middle migrate migration mile min minimum minor minute mirror missing mobile mode model modify module monitor month
mount move multi multiple mute name namespace nation native negative nest network new next node none normal note
notice notify null number object observe observer occupy off offer office offline offset ok old on once one online
only opaque open operate operation operator optimize option oracle order organization origin original other out
outbound output outside overall overflow override overview owner pack package page paid pair panel parallel parameter
parent parse part partial partition party pass password patch path pattern pause pay payload payment peak pending
percent percentage perform performance period permanent permission permit person phase phone photo pick picture pid
ping pipe pipeline place plan plain platform play player plugin point policy poll pool popular port position post postal
power precision prefer prefix prepare present preserve pressure preview previous price primary print priority private
privilege probe problem procedure process processor produce producer product profile program progress prohibit project
promote prompt property protect protocol provider provision proxy public publish pull purchase purge push put quality
quantity query question queue quick quota random range rank rate ratio raw reach read ready real reason rebalance reboot
rebuild receive recent recipient recommend record recover recovery recursive recycle redirect redo reduce reference
refresh refund refuse region register regular reject relation release reload remain remark remind remote remove rename
render renew rent repair repeat replace replica replicate replication reply report repository represent request require
required reserve reset resize resolve resource response rest restart restore restrict result resume retain retention
retry return revenue reverse revert review revision revoke right risk role roll rollback root rotate round route
router row rule run runtime running safe salary sale sample save scale scan scenario schedule scheduled scheduler schema
scope score screen script search second secondary secret section secure security seed segment select sell send sender
sensor sent sequence serial series serve server service session set setting settle setup severity shadow shape shard
share shell shift ship shop short show shut shutdown side sign signal signature silent simple single site size skip
slave slice slot slow small snapshot socket software solution sort source space spare spec special specification
speed split spread sql stable stack staff stage standard standby star start state statement static station statistic
statistics status stay step stock stop storage store strategy stream street strength strict string strong structure
student style subject submit subnet subscribe subscription subtask subtasks success successful suffix suggest sum
summary supervisor supplier support suspend switch symbol sync synchronize syntax system table tablespace tag take
target task tax team telephone template temporary tenant term terminate test text theme thread threshold throttle
throughput thumb ticket tier time timeout timer timestamp timezone title toggle token tool top topic topology total
trace track trade traffic train transaction transfer transform transit translate transmit transport trash travel
tree trial trigger true trust try tuning turn type undo unique unit university unknown unlock update upgrade upload
upper upstream uptime urgent url usage use used user username valid validate value variable variant vendor verbose
verify version vertical vice video view viewer virtual visible visit visitor voice void volume vote voucher wait
wallet warehouse warn warning watch weak web week weight white whitelist widget width window wire withdraw word work
worker workflow workload workspace world wrap wrapped wrapper write year yes zero zip zone
"""

WORDS: frozenset[str] = frozenset(_WORDS.split())
"""Words that are spelt right. Their plurals, `-ed` and `-ing` forms count too."""

THINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("子任务", ("subtask",)),
    ("任务", ("task", "job")),
    ("集群", ("cluster",)),
    ("租户", ("tenant",)),
    ("主机", ("host", "machine", "server", "node")),
    ("节点", ("node", "host", "server")),
    ("用户", ("user", "account")),
    ("角色", ("role",)),
    ("机房", ("idc", "room")),
    ("区域", ("region", "area")),
    ("数据库", ("database", "db")),
    ("订单", ("order",)),
    ("商品", ("product", "item", "goods")),
    ("客户端", ("client", "agent")),
    ("客户", ("customer", "client")),
    ("项目", ("project",)),
    ("文件", ("file",)),
)
"""Nouns that name things, longer ones before those that they contain."""

MEASURES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("时间戳", ("timestamp", "time")),
    ("时间", ("time", "date", "duration", "timeout", "timestamp", "interval", "elapsed")),
    ("日期", ("date", "day", "time")),
    ("次数", ("count", "times", "number", "retries", "attempts", "runs")),
    ("数量", ("count", "number", "amount", "quantity", "total", "size")),
)
"""Nouns that name measures of things, in the same form."""
