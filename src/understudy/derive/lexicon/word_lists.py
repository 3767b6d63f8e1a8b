"""Word lists: English words of APIs, and Chinese nouns with the English words that mean the same.

Data only. The spell checker compares identifiers with the English words; the rules about names
compare identifiers with their Chinese descriptions.
"""

_ENGLISH = """
abort about accept access account action active activity actor actual adapted adapter add
additional address admin admit after agent alarm album alert alias align all allergy alloc
allocate allow allowed alter amount analyse analysis analyze angle animal anonymous answer api app
append apple application apply approve archive area argument army array article artifact ascending
assert asset assign async attach attempt attribute audio audit aunt auth authenticate author
authority authorization authorize authors auto autumn available avatar avenue average await
background backup bad bakery balance band bandwidth bank base basic basis batch bathroom battery
beam bedroom before begin belong best between billing binary bind binlog bit black blank blink
block blood boat body bond bone bonus booking boolean boot borrow borrower bottom bound brain
brake branch brand bread breed bridge broadcast broke broken broker brother browse browser brush
bucket budget buffer bug build built bulk busy butter button byte cable cache calculate calendar
call callback camera campus cancel canceled canceling cancelled cancelling candidate canvas
capacity card caret cargo cart case castle catalog category cattle cause cell center century
certificate chain chair chance change channel chapter char chardet charge charger charset chart
check checkpoint checksum cheese chicken child children choice church circle citation city claim
class clause clean clear client clinic clock clone close cloth cloud cluster clutch coach coal
code codec coffee collate collation collect collection colon color colour column combine comet
command comment commit common compact company compare compat compatible compile complete component
compress compute concert concurrency concurrent condition config configuration configure confirm
conflict conform connect connection console const constant constrain constraint consume consumer
contact contain container content contents context continue contract contrast control convert
cookie copper copy core cost count counter country coupon courier court cousin cover cpu crater
create creator credential credit crew crime cron crop crystal cure currency current cursor curve
custom customer cycle daily dance dashboard data database date day db deadline debit debug decade
decide decode default defect define definition degree delay delete deliver delivery demand demo
deny department depend dependency deploy deposit depot deprecate deprecated depth derive
descending description desk destination destroy detail detect device diagnose diagnosis dialect
diamond diff digest dimension diploma direct direction directory disable discard disconnect
discount disk display distinct distribute division dns doctor document domain done door dose
double down download downstream draft dress drift drive driven driver drone drop drug dry due dump
duplicate duration dynamic eclipse edge edit editor effect elapsed element email empty enable
encode encrypt end endpoint engine enter entity entry enum environment epoch era error escape
essay estimate evaluate evening event exact exam exceed exception exchange exclude execute
execution executor exist exit expand expect expiration expire explain export express expression
extend extension extent external extra faculty fail failed failure false family farm fast fatal
father favor favorite favour feature feed fetch fever field file filename fill film filter final
find finger finish fire first fix flag flash flask flavor flight floor flow flush fold folder
follow food foot force foreign forest forget fork form formal format forward found fragment frame
free freight frequency friend from front frozen fruit full fully function fund funds fuse future
garage garden gate gateway gather gauge gear generate generic get glass global goal goat gold
grace grade grant graph grid group guess guest guide half hand handle handler hang harbor harbour
hardware harvest has hash head header health heart heartbeat heat height help hidden high hiring
history hold home hook horse host hostname hotel hour house http human icon idc identifier
identify identity idle ignore image import inactive incident include income increment index
industry infer info information inherit init initial inner input insert inspect inspection install
instance instant instruction integer intel inter interface intern internal interval invalid invert
invite invoice invoke iron is issue item iterate job join joint journal json judge juice junction
keep kernel key keyspace keyword kill kind kitchen label lake lamp language large laser last
latency later latest latter launch lawyer layer layout lead leader leaf league learn lease least
leave left lender lending length lens lesson letter level library license life light limit line
link list listen load loan local locale locality locate location lock log logger logic login logo
logout long lookup loop loss lost low lunar machine mail mailbox main maintain maintenance major
manage manager manifest manual map margin mark market mask mass massage master match matter max
maximum mean meant media median medium member memory menu merge mesh message meta metadata metal
meter method metric middle migrate migration mile min minimum minor minute mirror missing mission
mobile modal mode model modify module modulo monitor month morning mother motor mount mountain
mouth move movie multi multiple multiply muscle music mute name namespace nation native navy
negative nest network new news next night node noise nonce none normal note notice notify novel
null number nurse object observe observer occupy ocean off offer office offline offset ok old on
once one online only opaque open operate operation operator optimize option oracle orbit order
organization origin original other out outbound output outside overall overflow override overview
own owner pack package page paid paint pair palette panel paper parallel parameter parcel parent
parity parse part partial partition party pass password patch path patient pattern pause pay
payload payment peak pedal pending pension percent percentage perform performance period permanent
permission permit person persona phase phone photo phrase pick picture pid pilot ping pipe
pipeline pitch pixel place plain plan plane planet plant plate platform play player pledge plugin
poem point police policy poll pool popular port portal position post postal power precision prefer
prefix prepare present preserve preset press pressure prevent preview previous price primary prime
print priority prison private privilege probe problem procedure process processor produce producer
product profile profit program progress prohibit project promote prompt properly property protect
proto protocol provide provider provision proxy public publish publisher pull pulse pump pupil
purchase purge push put quality quantity quarter query question queue quick quite quiz quota quote
radar radius rain random range rank rate ratio raw reach read reader ready real realm reason
rebalance reboot rebuild receive recent recipe recipient recommend record recover recovery
recursive recycle redirect redo reduce reference refresh refund refuse region register regular
reject relation relay release reload remain remark remind remote remove rename render renew rent
rental repair repeat replace replay replica replicate replication reply report repository
represent request require required reserve reset resize resolve resort resource response rest
restart restore restrict result resume retain retention retry return reuse revenue reverse revert
review revision revoke rewind right risk river robot rocket role roll rollback roof root rotate
round route router row rule ruler run running runtime safe salary sale salt sample save scale scan
scenario scene schedule scheduled scheduler schema scheme school scope score screen script search
season seat second secondary secret section secure security seed segment select sell send sender
sensor sent sequence serial series serve server service session set setting settle setup severity
shader shadow shall shape shard share sharp sheep shelf shell shelves shift ship shirt shoe shop
short show shown shut shutdown side sign signal signature silent silver simple simply singer
single sister site size skill skin skip slate slave slice slope slot slow small smart snapshot
snow socket software soil solar soldier solution sort sound source space spare sparse spec special
specification speed spell spend spent spill splice split spread spring sprite sql square stable
stack stadium staff stage stale stamp standard standby star start state statement static station
statistic statistics stats status stay steel step stick stock stone stop storage store storm story
strategy stray stream street strength strict string strong struct structure stuck student stuff
style subject submit subnet subscribe subscription subset subtask subtasks success successful
suffix sugar suggest suite sum summary summer supervisor supplier supply support suspend swift
switch symbol sync synchronize syntax system table tablespace tag take taken target task tax
teacher team telephone template temporary tenant term terminate test text texture theatre theme
there these thesis those thread three threshold throttle throughout throughput thumb ticket tier
timber time timeout timer timestamp timezone title toggle token tool top topic topology torque
total tower trace track trade trader traffic trail train trait transaction transfer transform
transit translate transmit transport trash travel tree trial trick tricky trigger truck true trust
try tuning turn tutor type uncle undo unique unit university unknown unload unlock update upgrade
upload upper upstream uptime urgent url usage use used user username vacancy valid validate value
valve variable variant vehicle vendor verbose verify version vertical vice video view viewer
virtual visible visit visitor voice void volume vote voucher voxel wage wait wall wallet warehouse
warn warning watch water wave weak weather web week weight wheel while white whitelist whole
widget width wind window winter wire withdraw wood word work worker workflow workload workspace
world would wrap wrapped wrapper write writer written wrote year yes zero zip zone
"""

ENGLISH_LEXICON: frozenset[str] = frozenset(_ENGLISH.split())
"""English words of APIs, in lower case, abbreviations and common plurals included."""

ENTITY_NOUNS: tuple[tuple[str, tuple[str, ...]], ...] = (
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
"""Chinese nouns for entities, each with the English parts of identifiers that mean the same.

A longer noun comes before those that it contains, because the first match counts.
"""

MEASURE_NOUNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("时间戳", ("timestamp", "time")),
    ("时间", ("time", "date", "duration", "timeout", "timestamp", "interval", "elapsed")),
    ("日期", ("date", "day", "time")),
    ("次数", ("count", "times", "number", "retries", "attempts", "runs")),
    ("数量", ("count", "number", "amount", "quantity", "total", "size")),
)
"""Chinese nouns for measures of entities, in the same form and order."""
