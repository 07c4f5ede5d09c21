"""Given names by where the families come from who give them: Minh goes with Nguyen more often than by chance.

What many peoples give (Daniel) is in none. The lists need not be complete: how much an origin tells of a surname, the
names of a run say.
"""

from __future__ import annotations

_GIVEN = {
    "Spanish": """
abel abelardo adalberto adan adela adelina adolfo adrian adriana agustin aida aide alba alberto alejandra
alejandro alfonso alfredo alicia alma alondra alonso alvaro amado amador amalia ana anabel anahi andres angelica
anselmo antonia antonio araceli aracely ariana armando arnoldo artemio arturo aurelio aurora balbina baltazar
beatriz belen benito berenice bernardo berta beto blanca brenda brisa camila carlos carolina catalina cecilia
celia cesar chava chayo chela chuy claudia concepcion concha consuelo cristian cristina cristobal cruz
cuauhtemoc dagoberto dalia daniela delfina delia diego dolores domingo dulce edgardo eduardo efrain efren elena
elia elias elisa eliseo eloisa elsa elvia elvira emilia emiliano emilio enedina enrique erika ernesto esmeralda
esperanza esteban estefania estela esther eugenio eulalia eusebio evangelina evaristo evelia fabian fabiola
fausto federico felipa felipe fermin fernanda fernando fidel filiberto flor florencia florencio francisca
francisco gabriela genaro gerardo german gilberto giovanni gonzalo graciela gregorio griselda guadalupe
guillermina guillermo gustavo hector heriberto hermelinda herminia hernan hilaria hilda homero horacio hortencia
humberto ignacia ignacio imelda ines irma isabel isaias isidro ismael israel itzel ivan ivonne jacinto jaime
javier jazmin jesus jimena joaquin joel jorge jose josefa josefina josue juan juana juanita julieta julio kike
lalo lazaro leonardo leonel leonor leopoldo leticia lidia lilia liliana lizbeth lizeth lola lorena lourdes lucia
luciano lucina luis luisa lupe lupita luz magdalena maira manuel manuela marcela marcelino marcelo marco marcos
margarita maria mariana maribel maricela marina mario marisela marisol maritza martha matilde mauricio mayra
melchor memo mercedes micaela miguel minerva mireya miriam moises monica nacho natividad nestor nicolas nieves
noe noemi norberto octavio ofelia olga oralia orlando oscar osvaldo pablo paco paloma pancho paola pascual
patricio paulina paz pedro pepe perla petra piedad pilar poncho porfirio primitivo quique rafael raimundo ramiro
ramon ramona raul raymundo rebeca refugio reina renata reyna reynaldo ricardo rigoberto roberto rocio rodolfo
rodrigo rogelio rolando roman romulo rosa rosalba rosalia rosalinda rosario roxana ruben rufino salvador
santiago santos sebastian sergio silvestre silvia socorro sofia soledad sonia susana teodoro teresa tomas tono
ulises valentin valentina valeria vanesa veronica vicente victor vidal viridiana wilfredo ximena xochitl yadira
yesenia yolanda zacarias zoila zulema
""",
    "Vietnamese": """
anh bao binh chau chi cuong dao diem diep dinh duc dung duong duy giang ha hai hang hanh hao hien hieu hoa hoai
hoang hong hung huong huy huyen khanh khoa kieu kim lan lien linh loan loc long ly mai minh my nam nga ngan ngoc
nguyet nhan nhat nhi nhu nhung oanh phat phong phuc phung phuoc phuong quan quang quoc quy quyen quynh sang son
tai tam tan thanh thao thi thien thinh thu thuan thuy tien tin toan trang tri trinh truc trung truong tu tuan
tung tuyen tuyet uyen van viet vinh vuong vy xuan yen
""",
    "Chinese, Korean": """
bin bo chang chen cheng chun dong eun fang fei feng gang guang guo haiyan hee hua hui hwa hye hyun jae ji jia
jian jiang jie jin jing jiwoo joon jun jung kai kun kyung lei li lian lihua lin ling mei meiling mi min ming
minjun myung na ning pei peng ping qiang qing qiu rong rui seung shan shu soo sook sun sung tao ting wei weiwei
wen woo xia xiang xiao xiaoyan xin xiu xue yan yang yi yifan ying yong yoon young yu yuan yue yun zhen zhi zhong
""",
    "South Asian": """
aarav abhishek aditi aditya ajay akash akhil amit amita anand ananya anil anita anjali ankit anup aparna archana
arjun arun asha ashish ashok asif bharat bhavna chandra chetan deepa deepak deepika dev dinesh divya ganesh
gaurav gopal govind harish harsh hemant indira jagdish jayesh jyoti kalpana kamal karthik kavita kiran kishore
krishna kumar lakshmi lalit lata madhu mahesh manish manisha manoj meena meera mohan mukesh nandini narendra
naresh naveen neha nikhil nilesh nisha nitin pankaj parth pooja prakash pramod pranav prasad prashant praveen
priya priyanka rahul raj raja rajan rajesh rajiv rakesh ram ramesh ravi rekha ritu rohan rohit sachin sandeep
sangeeta sanjay sanjeev santosh sarita satish savita seema shankar shilpa shiva shivani shreya shyam smita sneha
srinivas sudha suman sunil sunita suresh swati tanvi tejas uma usha vandana venkat vijay vikas vikram vinay
vinod vishal vivek yash
""",
    "Arabic": """
abbas abdul abdullah abdulrahman adnan ahmad ahmed aisha ali amal amina amir amira anwar asad asma aya ayesha
ayman bashir bilal dina fahad faisal farah farhan farid faris farooq fatema fatima habib hadi hala hamza hana
hanan hassan hiba huda hussain hussein ibrahim iman imran iqbal ismail jamal jamila kareem karim khadija khaled
khalid laila layla leila lina mahmood mahmoud malik mansour mariam marwan maryam mohamad mohamed mohammad
mohammed mona muhammad muhammed mustafa nabil nada nadia naim naseem nasir noor nour omar osama qasim rami rania
rashid reem rehman saad sadia saeed said saira salem salim salma sami samir samira sana sara shahid shereen
soraya tahir tariq usman waleed walid yasir yasmin yousef youssef yusuf zahra zaid zain zainab zara zeinab ziad
""",
}
ORIGINS = {name: origin for origin, names in _GIVEN.items() for name in names.split()}
