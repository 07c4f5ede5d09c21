"""Given names by where the families come from who give them: Minh goes with Nguyen more often than by chance.

What many peoples give (Daniel) is in none. The lists need not be complete: how much an origin tells of a surname, the
names of a run say.
"""

from __future__ import annotations

_GIVEN = {
    "Spanish": """
abel abelardo adalberto adan adela adelina adolfo adrian adriana agustin aida aide alba alberto alejandra alejandro
alfonso alfredo alicia alma alondra alonso alvaro amado amador amalia ana anabel anahi andres angelica anselmo antonia
antonio araceli aracely ariana armando arnoldo artemio arturo aurelio aurora balbina baltazar beatriz belen benito
berenice bernardo berta beto blanca brenda brisa camila carlos carolina catalina cecilia celia cesar chava chayo chela
chuy claudia concepcion concha consuelo cristian cristina cristobal cruz cuauhtemoc dagoberto dalia daniela delfina
delia diego dolores domingo dulce edgardo eduardo efrain efren elena elia elias elisa eliseo eloisa elsa elvia elvira
emilia emiliano emilio enedina enrique erika ernesto esmeralda esperanza esteban estefania estela esther eugenio
eulalia eusebio evangelina evaristo evelia fabian fabiola fausto federico felipa felipe fermin fernanda fernando fidel
filiberto flor florencia florencio francisca francisco gabriela genaro gerardo german gilberto giovanni gonzalo
graciela gregorio griselda guadalupe guillermina guillermo gustavo hector heriberto hermelinda herminia hernan hilaria
hilda homero horacio hortencia humberto ignacia ignacio imelda ines irma isabel isaias isidro ismael israel itzel ivan
ivonne jacinto jaime javier jazmin jesus jimena joaquin joel jorge jose josefa josefina josue juan juana juanita
julieta julio kike lalo lazaro leonardo leonel leonor leopoldo leticia lidia lilia liliana lizbeth lizeth lola lorena
lourdes lucia luciano lucina luis luisa lupe lupita luz magdalena maira manuel manuela marcela marcelino marcelo marco
marcos margarita maria mariana maribel maricela marina mario marisela marisol maritza martha matilde mauricio mayra
melchor memo mercedes micaela miguel minerva mireya miriam moises monica nacho natividad nestor nicolas nieves noe
noemi norberto octavio ofelia olga oralia orlando oscar osvaldo pablo paco paloma pancho paola pascual patricio
paulina paz pedro pepe perla petra piedad pilar poncho porfirio primitivo quique rafael raimundo ramiro ramon ramona
raul raymundo rebeca refugio reina renata reyna reynaldo ricardo rigoberto roberto rocio rodolfo rodrigo rogelio
rolando roman romulo rosa rosalba rosalia rosalinda rosario roxana ruben rufino salvador santiago santos sebastian
sergio silvestre silvia socorro sofia soledad sonia susana teodoro teresa tomas tono ulises valentin valentina valeria
vanesa veronica vicente victor vidal viridiana wilfredo ximena xochitl yadira yesenia yolanda zacarias zoila zulema
""",
    "Vietnamese": """
anh bao binh chau chi cuong dao diem diep dinh duc dung duong duy giang ha hai hang hanh hao hien hieu hoa hoai hoang
hong hung huong huy huyen khanh khoa kieu kim lan lien linh loan loc long ly mai minh my nam nga ngan ngoc nguyet nhan
nhat nhi nhu nhung oanh phat phong phuc phung phuoc phuong quan quang quoc quy quyen quynh sang son tai tam tan thanh
thao thi thien thinh thu thuan thuy tien tin toan trang tri trinh truc trung truong tu tuan tung tuyen tuyet uyen van
viet vinh vuong vy xuan yen
""",
    "Chinese, Korean": """
bin bo chang chen cheng chun dong eun fang fei feng gang guang guo haiyan hee hua hui hwa hye hyun jae ji jia jian
jiang jie jin jing jiwoo joon jun jung kai kun kyung lei li lian lihua lin ling mei meiling mi min ming minjun myung
na ning pei peng ping qiang qing qiu rong rui seung shan shu soo sook sun sung tao ting wei weiwei wen woo xia xiang
xiao xiaoyan xin xiu xue yan yang yi yifan ying yong yoon young yu yuan yue yun zhen zhi zhong
""",
    "South Asian": """
aarav abhishek aditi aditya aishwarya ajay ajit akash akhil akshay alok amar amarjit ambika amit amita anand ananya
anil anirudh anita anjali ankit anuj anup anuradha anusha aparna aravind archana arjun arpita arun arvind asha ashish
ashok asif atul avinash balaji baldev balwinder bhanu bharat bhargav bhaskar bhavesh bhavin bhavna bhupinder bindu
chaitanya chandan chandra chandrasekhar charanjit chetan darshan deepa deepak deepika dev dharmesh dhruv dinesh dipak
dipti divya divyesh falguni gagandeep ganesh gaurav gayathri geetha girish gita gopal govind gurdeep gurmeet gurpreet
hardik haresh hari harika harish harjit harpreet harsh hema hemant hetal hitesh indira indu ishaan ishwar jagdish
jagjit jasbir jaspreet jaswinder jatin jayesh jigna jignesh jyoti kalpana kalyan kamal kamala kamlesh kanchan kapil
karan karthik karuna kavita ketan kinjal kiran kishore komal krishna kuldeep kulwinder kumar kusum lakshmi lalit lata
lavanya leela madhavi madhu madhuri mahendra mahesh mamta manish manisha manoharan manoj manpreet mansi mayur meena
meera mehul mihir minal mitesh mohan mridula mukesh mukund murali murthy naga nagaraj nagesh nalini namrata nandini
narasimha narayan narender narendra naresh naveen navneet neelam neeraj neeta neetu neha nidhi niharika nikhil nilesh
nimesh niraj nirmala nisha nitesh nitin nupur padma padmaja pallavi pankaj paramjit paresh parminder parth parul pavan
pavani pawan phani piyush pooja prabhakar prabhu prachi pradeep prafulla prakash pramila pramod pranav prasad prashant
prashanth prathima pratik praveen praveena preeti priya priyanka purnima pushpa radha radhika raghav raghavendra raghu
rahul raj raja rajan rajani rajeev rajendra rajendran rajesh rajeshwari rajinder rajiv rajni raju rakesh rakhi ram
ramachandra ramakrishna raman ramana ramesh ramya ranjana ranjit rashmi ravi ravinder ravindra reena rekha renu renuka
rishi ritesh ritu rohan rohini rohit rucha ruchi rupa rupal rupesh sachin sagar sameer samyuktha sandeep sandhya
sangeeta sangita sanjana sanjay sanjeev santhosh santosh sapna saraswati sarita saritha saroj sarojini sashi satinder
satish satya satyanarayana saurabh savita seema sekhar shailesh shakuntala shankar sharad sharmila sheela shekhar
shilpa shiv shiva shivani shobha shreya shruti shweta shyam siddharth sindhu sireesha smita smitha sneha snehal soham
somesh sonal sonali soumya sreedhar sreenivas sridevi sridhar srikanth srilakshmi srinivas srinivasa srinivasan sruthi
subba subhash subramanian subramanyam sudarshan sudha sudhakar sudhir sujata sujatha sujith sukhdev sukhwinder
sulochana suman sumit sumitra sundar sundeep sunil sunita supriya surekha surender surendra suresh surinder surya
sushil sushila sushma swapna swaroop swathi swati tanvi tarun tejal tejas tejaswi trupti tushar uday ujwala uma umesh
urmila urvashi usha utpal vaishali vaishnavi vamshi vamsi vandana vani vanitha varsha varun vasanth vasantha vasu
vasudha veena venkat venkata venkatesh venkateswara vibha vidhya vidya vijay vijaya vijayalakshmi vikas vikram vikrant
vimal vimala vinay vineet vinita vinod vinodh vipin vipul viral virendra vishal vishnu vishwanath vivek yamini yash
yashwanth yogesh
""",
    "Arabic": """
abbas abdallah abdelrahman abdi abdikadir abdirahman abdirizak abdul abdulaziz abdulkadir abdullah abdullahi
abdulrahman abeer abubakar adnan afaf ahlam ahmad ahmed aisha alaa ali amal amani amina amir amira amjad anwar arwa
asad ashraf asiya aslam asma aya ayesha ayman ayub aziz badr baher bashir basma bassam bilal bushra deqa diaa dina
eman essam ezzat fadi fadia faduma fadumo fahad faisal faiza farah farhan farhiya farid faris farooq fartun farzana
fatema fatima fatimah fatuma fawzi fayez firas ghada ghassan guled habib hadeel hadi haifa haitham hajar hala halima
hamad hamed hamid hamza hana hanadi hanan hani haroon hasan hashim hassan hatem haytham heba hesham hiba hicham hisham
hodan hosam hossam huda humaira husam husein hussain hussein ibrahim ifrah ihab ilham iman imran inas iqbal irfan
ismail isra issam iyad jaber jabir jafar jalal jamal jamila jawad kamran kareem karim kashif kausar khadija khaled
khalid khalil laila lamia layla leila liban lina lubna luqman maha mahdi maher mahmood mahmoud mahmud majed majid
malik manal mansoor mansour mariam marwa marwan maryam mazen mehwish mervat moataz moeen mohamad mohamed mohammad
mohammed mohamud mohannad mona moustafa muhammad muhammed muna munir murad musa mustafa nabil nada nadeem nader nadia
nadir naeem nagwa nahla naim najib najla naseem nasir nasreen nasser naveed nawal nazia nermin nesreen nibal nidal
nimo noor nouf nour nuha nusrat obaid omar osama osman qasim rafiq raghad raheem rami randa rania rasha rashad rashid
raza reem reham rehman riad rida riham rukhsana saad saadia sabah sabir sadaf sadia sadiq saeed safa safia sahar sahra
said saira sajid saleem saleh salem salim salma samar sameh sami samia samina samir samira sana sanaa sara sawsan
shabana shabbir shaheen shahid shahida shahzad shaista shaukat shazia shereen sherif shukri soraya suad suhail
suleiman sumaya syed taha tahir talal tamer tanveer tarek tariq tasneem thamer umar umer usman wael wafa waheed wahid
waleed walid waqar waseem wasim yahia yahya yasin yasir yasmeen yasmin yasmine yousef youssef yusra yusuf zafar zaheer
zahid zahra zaid zain zainab zainul zaki zara zaynab zeeshan zeinab ziad ziyad zubair zulfiqar
""",
    "West African": """
abdoulaye abena abimbola abiodun abiola abosede adaeze adanna adaobi adebayo adebola adebowale adedapo adedayo
adedoyin adegboyega adekunle adeleke ademola adeniyi adeola adeolu aderonke adesola adetokunbo adetola adewale adeyemi
adeyinka adwoa afia afolabi afua aisosa aissatou akin akinola akintunde akinwale akosua akua akwasi akwesi alassane
ama amadou amaka amarachi aminata aniekan anuoluwapo ayo ayodeji ayodele ayokunle ayomide ayotunde azubuike azuka
babajide babatunde baffour bamidele bintou bisi bisola bode bola bolaji bolanle bosede boubacar bukola bunmi busola
cheikh chiamaka chibueze chibuike chibuzo chibuzor chidera chidi chidiebere chidinma chidozie chiedozie chijioke chika
chike chikezie chikodi chimamanda chimezie chinaza chinedu chinelo chinenye chinonso chinwe chinwendu chinyere chioma
chisom chizoba chuka chukwudi chukwuemeka chukwuka chukwuma damilare damilola dapo dayo deji dele dotun dumebi dupe
dzifa ebele ebere ebuka ebun ebunoluwa echezona edem efe effiong efosa efua ejike ejiro ekaette ekene ekow ekua emeka
emem emenike enyinnaya ese eseosa esi eyram ezinne fatou fatoumata femi fola folake folarin folasade foluke funke
funmi funmilayo funmilola gbemi gbemisola gbenga gboyega ginika ibironke ibrahima idara idongesit idowu ifeanyi
ifedayo ifeoluwa ifeoma ifeyinwa ijeoma ikechukwu ikem ikenna imaobong inyang isoken itohan itoro iyabo izuchukwu jide
jumoke kadiatou kanayo kayode kehinde kelechi kemi kenechukwu kofi kojo kolade kolawole kunle kwabena kwadwo kwaku
kwame kwamena kwasi kweku kwesi lamin lanre lekan lolade maame mamadou mariama mawuli mfon mobolaji modupe mojisola
morenike mosunmola motunrayo moussa muyiwa nana ndidi ngozi nii niyi njideka nkechi nkeiruka nkem nkiru nkiruka nkoli
nnamdi nnanna nneka nnenna nonso nosa nsikak nwando obi obiageli obinna obioma obiora odinaka ogechi ogochukwu ohene
okechukwu okey okwudili oladele oladimeji oladipo olaide olajide olajumoke olakunle olalekan olamide olaniyi
olanrewaju olatunde olatunji olawale olayemi olayinka olubunmi oluchi oludare olufemi olufunke olufunmilayo olugbenga
olukayode olumide olumuyiwa olusegun oluseun olusola oluwafemi oluwakemi oluwaseun oluwaseyi oluwatobi oluwatosin
oluyemisi omolara omolola omotayo omotola omowunmi onochie onome onyebuchi onyeka onyekachi onyinye onyinyechi opeyemi
oreoluwa osagie osaro osas osaze osinachi otobong oumou ousmane ronke rotimi segun selasi selorm seun seydou seyi
shola simisola sola somto souleymane taiwo tayo tega temi temidayo temilola temitayo temitope titilayo titilola
tobechukwu tobenna tobi tobiloba tolu toluwani tope tosin toyin tunde tunji ubong uche uchechi uchechukwu uchenna
udoka uduak ufuoma ugochi ugochukwu ugonna uju ujunwa ukeme unyime utibe uzoamaka uzoma wale wole wunmi yaa yaw yemi
yemisi yetunde yewande yinka
""",
    "East African": """
achieng adhiambo akinyi akoth anyango atieno auma awino awuor babirye bahati baraka chebet chepkoech cherono cherop
furaha gathoni githinji jepkorir jepkosgei jerop juma kamau kariuki kato kibet kimani kioko kipchoge kipkorir kiplagat
kiprono kiprotich mbithe mumbua musyoka muthoni mutua mutuku mwangi mwende nakato nalubega namukasa neema njeri
njoroge nyambura nyokabi ochieng odhiambo omondi onyango otieno owino wairimu waithera wambui wangari wangui wanjiku
wanjiru wanjohi wasswa zawadi
""",
    "Ethiopian, Eritrean": """
abeba abebe abebech aberra abiy abraha adane adanech addis addisalem alem alemayehu alemitu alemnesh alganesh almaz
amanuel amare amha amsale asefa asfaw asmamaw asmeret assefa aster atsede ayele ayelech aynalem azeb befekadu bekele
belay belayneh berhane berhanu betelhem bethelhem beyene birhane birhanu birtukan biruk bizuayehu bontu bruk chaltu
dagim dagmawi dawit dereje desta elsabet elshaday emebet emnet endale ephrem ermias eskinder eyasu eyerusalem fasil
fekadu fikadu fikirte fikre filimon fisseha fitsum frehiwot freweyni gadisa gebre gemechu getachew getahun getnet getu
girma girmay gizaw habtamu habtom hagos haile hailu haimanot helina henok hermela hirut hiwot kaleab kalkidan kassa
kassahun kebede kibrom kidane kidist kidus kifle kinfe konjit lemlem lemma lensa luwam mahder mahlet makda mamo
mebrahtu mebrat medhanie mehari mehret mekdes mekonnen melaku melat meles melkamu mengistu merhawi meron meseret
mesfin meskerem messay mihret mikias milkias misrak mulu mulualem mulugeta muluken nahom nardos natnael negash nigist
obsa rahel rahwa rediet robel saba samrawit seble selam selamawit semhar senait seyoum shewit shiferaw shimelis simret
sintayehu sisay solomie surafel tadele tadelech tadesse tamirat tariku tedla tedros teferi tekle teklu temesgen
tesfalem tesfamariam tesfay tesfaye tewodros theodros tigist tilahun tirhas tirunesh tolera tolosa tseday tsega
tsegaye tsehay tsige tsion wegayehu wendwesen woinshet wondimu wondwossen workneh worku wubit wubshet yafet yared
yemane yeshi yidnekachew yilma yirga yisak yodit yohannes yonas yordanos yoseph zelalem zenebech zerihun zewditu zewdu
""",
    "Persian": """
afshin alireza amirali arash ardeshir arezoo armaghan azadeh azita babak bahar bahareh bahman bahram behnam behrooz
behrouz behzad bijan dariush elaheh fariba farideh farnaz farrokh farshad farzad farzaneh fereshteh fereydoun firouz
forough golnaz hamidreza homayoun hooman hooshang hossein houman houshang iraj jahangir jamshid javad kambiz kamyar
kaveh kayvan keivan keyvan khosrow ladan laleh mahin mahnaz mahsa mahshid mahvash mandana manijeh manouchehr marjan
masoud massoud mehdi mehran mehrdad mehrnaz minoo mitra mohammadreza mojgan mojtaba morteza nahid nasrin navid nazanin
niloofar niloufar nima nooshin omid parisa parvaneh parvin parviz payam pejman peyman pooneh pooya pouya ramin reza
roya saeid samaneh sanaz sepideh shabnam shahab shahin shahla shahram shahriar shahrokh shahrzad shapour shervin
shirin shohreh siamak siavash simin soheil soheila sohrab taraneh touraj vahid yasaman zohreh
""",
    "Slavic": """
agnieszka aleksandr aleksandra aleksei aleksey alexei alexey alyona anastasiya anatoliy anatoly andrei andrey andriy
andrzej arkady artem bogdan boris bozena danuta dejan dmitri dmitriy dmitry dmytro dragan ekaterina elzbieta evgeniy
evgeniya evgeny galina gennadiy gennady goran grazyna grigoriy grigory grzegorz halina halyna igor ilya inna irina
iryna jacek jelena jerzy katarzyna kateryna kirill krystyna krzysztof ksenia ksenija larisa leonid liudmila ludmila
lyubov lyudmila maciej maksim malgorzata marek mariusz mariya mikhail milos mykola nadezhda nadiya nataliia nataliya
natalya nikolai nikolay oksana oleg oleh oleksandr oleksii olena pavel pawel piotr polina przemyslaw raisa ruslan
sergei sergey sergii serhii slawomir slobodan stanislav stanislaw svetlana svitlana taras tatyana tetiana tetyana
tomasz vadim valeriy vasily vasyl vesna viktor viktoriia viktoriya vitaliy vitaly vladimir vladislav volodymyr
vyacheslav wojciech yana yaroslav yekaterina yelena yevgeniy yevgeny yulia yuliya yuri yurii yuriy zbigniew zhanna
zoran zoya
""",
    "Hebrew": """
akiva aryeh avigail aviv avraham avrohom baila baruch bentzion binyamin bracha chaim chana chani chaya devora devorah
dov dovid eitan eliezer eliyahu esti faiga fraidy gilad gitty hadassah itai itamar leib malka meir menachem menashe
mendel mordechai moshe naftali nechama nissim noam ofer orit pesach pinchas raizy rivka rivky rochel ronen ronit
ruchama shaindy shimon shira shlomo shmuel shoshana shulamit tova tzipora tzvi yaakov yael yair yehoshua yehuda
yehudis yisrael yisroel yitzchak yoav yocheved yonah yosef yossi zalman zev zvi
""",
}
ORIGINS = {name: origin for origin, names in _GIVEN.items() for name in names.split()}
