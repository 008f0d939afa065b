"""Names that are common enough to be known, and words that begin with a capital and are none.

Written for ChatForge: a short list of what is frequent in several countries, not a register. All in lower case.
"""


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


GIVEN = word_set(
    """
    aaron abdul abdullah abigail adam adrian agnes ahmad ahmed aisha alan albert alberto alejandro alessandro alex
    alexander alexandra alexis alfred ali alice alicia alina allison alma alvin amanda amelia amina amir amit amy
    ana anastasia andre andrea andreas andrew andrzej angela angelica anil anita anja anke ann anna anne anneliese
    annette annie anthony antoine anton antonia antonio anya arjun arthur arturo asha ashley astrid axel ayesha
    barbara beata beatrice beatrix ben benjamin bernard bernd bethany birgit björn bob bogdan boris brandon brenda
    brian brigitte britta bruno bryan caleb cameron camila camille candice carla carlos carmen caroline catherine
    cathy cecilia chantal charlene charles charlie chiara chloe chris christa christina christine christoph
    christopher cindy claire clara claudia clemens colin connor conrad constance corinna craig cristina curtis
    cynthia damian daniel daniela danielle darius darren dave david dawid deborah debra deepak dennis derek deshawn
    detlef diana diane diego dieter dimitri dinesh dirk dmitri dmitry dolores dominic dominik donald donna dorothea
    dorothy doug douglas duncan dylan ebony eddie edgar edith eduardo edward eileen ekaterina elaine eleanor elena
    eli elias elisa elisabeth elizabeth elke ella ellen elliot elsa emeka emil emilia emilio emily emma enrique eric
    erica erik erika ernesto esra estelle esther ethan evelyn ewa fabian fatima fatma felipe felix fernanda fernando
    fiona francesca francis francisco françois franziska fred freddie frederick frieda friedrich gabriel gabriela
    gareth gary geoffrey george gerald gerard gerda gerhard gianni gilbert gina giovanni gisela giulia giuseppe
    gloria gordon greg gregory greta gretchen guillermo günter günther gustav hakan hamza hana hanna hannah
    hannelore hans harald harold harriet harry hassan hatice hector heike heiko heinrich heinz helen helena helga
    helmut henning henri henry herbert hilda hiroshi holger howard hugo hussein ian ibrahim ignacio igor ilse imran
    ines ingeborg ingo ingrid irene irina isaac isabel isabella ivan ivana jacob jacqueline jacques jake jamal james
    jamie jana jane janet janice jared jason javier jayden jean jeanette jeff jeffrey jelena jennifer jenny jens
    jeremy jerome jerry jessica jill jim jimmy jin joan joanna joanne joaquin joe joel johan johann johanna johannes
    john johnny jon jonas jonathan joris jörg jorge josé jose josef joseph josephine josh joshua joyce juan juanita
    judith judy julia julian juliane julie juliet jun jürgen justin justyna kai karen karim karin karina karl
    karolina katarzyna kate katharina katherine kathleen kathrin kathy katja katrin kavita kay keisha keith kelly
    kenji kenneth kerstin kevin khadija khaled kiran kirsten klaus kofi krishna kristen kristin kristina krystyna
    krzysztof kurt kwame kyle lakshmi lars latisha laura lauren laurence lawrence layla leah leila lena leo leon
    leonard leonie leroy leslie liam linda lindsay lisa liz lorenzo lori lorraine louis louisa louise lucas lucia
    lucy ludwig luigi luis luisa luka lukas luke lydia lyn mabel maddison magdalena mahmoud maike malcolm malik
    manfred manuel manuela marc marcel marcia marco marcus marek margaret margarita margot maria mariam marianne
    marie marina mario marion marisol marjorie markus marlene marta martha martin martina mary maryam masha mateo
    mateusz mathias matilda matt matteo matthew matthias maureen maurice maximilian megan mehmet mei melanie melissa
    meera mercedes michael michaela michal michel michelle miguel mihai mike mikhail mildred milena min ming mirjam
    miriam mitchell mohamed mohammad mohammed mohamud mona monica monika morgan muhammad murat mustafa nadia nadine
    nancy naomi natalia natalie natasha nathan nathaniel neha neil nelson niamh nicholas nicola nicolas nicole niels
    nikhil nikita nikolai nina noah noemi noor nora norbert norma nuno octavia olaf oleg olga oliver olivia omar
    oscar otto pablo pamela paola patricia patrick paul paula paulina pauline pavel pedro peggy percy peter petra
    phil philip philipp philippe phillip phyllis pierre pilar piotr polly pooja prakash preeti priscilla priya
    priyanka rachel rafael rahul rainer raj rajesh ralf ralph ramesh ramon randy raquel rashid raul ravi raymond
    rebecca regina reinhard renate ricardo richard rita robert roberta roberto rodrigo roger rohan roland rolf roman
    ronald ronja rory rosemary rosie roxanne roy ruben rudolf rupert russell ruth ryan sabine sabrina sally salma
    salvatore sam samantha samir samuel sandeep sandra sandy sanjay sara sarah saskia sean sebastian selim selma
    serena sergei sergio seth shannon sharon shaun shawn sheila shirley siegfried sigrid silke silvia simon simone
    sofia sonia sonja sophia sophie stacey stan stefan stefanie stella stephan stephanie stephen steve steven
    stewart stuart suleiman sunita suresh susan susana susanne svetlana swati sven sylvia tamara tania tanja tanya
    tara tariq tatiana ted teresa terrence terry theo theodore theresa thomas thorsten tiffany tim timo timothy tina
    tobias todd tom tomas tomasz tommy toni tony torsten tracy travis trevor tristan tyler tyrone udo ulrich ulrike
    ursula ute uwe valentina valerie vanessa vera veronica vicky vijay vikram vincent viola vivian vladimir volker
    walter wanda wayne wendy werner wilfried wilhelm wilma winston wolfgang xavier yasmin yolanda yuki yuri yusuf
    yvonne zachary zahra zainab zeynep zoe zofia zoltan
    """
)
"""Given names that hardly mean anything else."""

FAMILY = word_set(
    """
    abbott abdi acosta adeyemi adebayo afolabi aguilar ahlers ahmadi albrecht ali allen alvarez amadi andersen
    anderson andersson arslan ashworth aydin bailey banerjee barnes barrett bauer baumann becker bennett berger
    bergmann bhatt bianchi blanchard bondarenko boateng bouchard bradley brandt braun brennan brooks bryant buchholz
    burke byrne cabrera callahan campbell carlson carter castillo castro cavanagh chan chandra chang chatterjee
    chaudhary chavez chen cheng choi chopra chowdhury christensen clark clarke cohen coleman collins colombo
    connolly contreras costa cruz cunningham das davies davis delgado demir desai deschamps diaz dietrich doherty
    dominguez donnelly doyle dubois dupont ebert edwards eriksson espinoza evans farah farrell ferguson fernandes
    fernandez ferrari ferreira fernández fischer fitzgerald fleming flores foster fournier franke frazier friedman
    fuchs fuentes gallagher garcía garcia garrett gibson gill gomez gonzales gonzalez graham griffin gruber guerrero
    gupta gutierrez guzman haas hahn hamilton hansen hansson harris harrison hartmann hashimoto hassan heinrich
    hernandez herrera herrmann hoffman hoffmann hofmann holloway horvat hossain huang hughes hussain hussein ibarra
    ito ivanov ivanova iyer jacobs jansen jansson jensen jimenez johansson johnson johnston jones joshi juarez
    kamara kaminski kapoor kaufmann kaur keller kelly kennedy khan kim kimura klein kobayashi koch köhler kovac
    kowalczyk kowalski kramer krause kruger krüger kuhn kumar kuznetsov lambert larsen larsson laurent lavoie
    lehmann leroy levy lewandowski lewis liang lim lin lindgren liu lombardi lopez lorenz luo lutz lynch macdonald
    mackenzie mahmoud maldonado malik marino marquez martin martinez marx matsumoto maurer mbeki mccarthy mcdonald
    mckenzie mehta mehmeti meier mendez mendoza mensah menon meyer miah miller mitchell moeller mohamed molina
    möller morales moreau moreno morris morrison moretti mueller mukherjee müller munoz murphy murray mwangi nair
    nakamura navarro nel neumann ng ngo nguyen nielsen nilsson nkosi nowak nunez o'brien o'connor o'neill o'sullivan
    obi ochoa odhiambo ogawa okafor okeke okonkwo olsen olsson omondi ortega ortiz osei otieno owusu özdemir padilla
    papadopoulos park parker patel patil pedersen pereira perez peters petersen peterson petrov petrova pham
    phillips popescu popov powell quinn rahman ramirez ramos rao rasmussen reddy reyes ricci richardson richter
    rivera roberts robinson rodrigues rodriguez rogers rojas romano romero rossi rousseau ruiz russo ryan sahin
    salazar salinas sanchez sanders sandhu santiago santos sato sauer schäfer scherer schmidt schmitt schmitz
    schneider scholz schreiber schröder schroeder schubert schulte schultz schulz schulze schumacher schuster
    schwartz seidel serrano shah sharma shapiro sharif shevchenko siddiqui silva simmons simpson singh sinha smirnov
    smith soares sokolov solis soto stewart stefanescu stevens sullivan suarez suzuki svensson takahashi tanaka
    taylor teixeira thapa thompson thomson torres tran trujillo turner ueda underwood valdez vargas vasquez vazquez
    vega velasquez venkatesan verma vogel vogt volkov wagner walsh wang watanabe watson weber wegner weiss wendt
    werner whitaker wieczorek wilkinson williams williamson wilson wiśniewski wójcik wong wright wu xu yamada
    yamamoto yang yıldız yilmaz yoshida zhang zhao zhou ziegler zielinski zimmermann
    """
)
"""Family names; those in ORDINARY count only beside a given name or where a name is expected."""

ORDINARY = word_set(
    """
    abbey alba amber amparo angel april ariel art arty ash aspen aurora austin autumn avery barrett basil bauer bay
    becker bell belle berg bill blake bliss bloom bradley brandt braun bray brook brooke brooklyn brooks brown buck
    burke carol carolina carter cash castro chance chandler charity charlotte chase chelsea cherry christian clark
    clay cliff colt cooper coral cruz crystal daisy dale dallas dakota das dawn dean delta denver destiny dick drew
    duke earl ebert eden ellis engel ernst eugene eva eve faith fern fischer flora florence ford foster fox frank
    fuchs gene genesis georgia ginger glen glenn grace grant gray green grey gruber guy haas harmony harvey haven
    hazel heather heaven hill holly honey hope houston hudson hunter iris iva ivory ivy jack jackson jade jan
    jasmine jasper jay jewel jordan joy june kaiser king kim klein koch könig kramer lake lance lane lang lily lin
    lincoln lou lynch madison mae major mark marshall martin marx mason max may melody mercy meier merlin milan
    miles misty myrtle nel neumann ng ngo nick norm oak obi ocean olive page paige paris park parker pat pearl penny
    peters phoenix piper pleasant poppy porter prince price princess queen quinn rain raven ray read reed reid rich
    richter river rob robin rocky roman roman rose rosa ruby rusty sage sahin sanders santiago savannah schäfer
    schneider schreiber schubert schulz schumacher schuster scott sharif shell shepherd sierra sky skye sommer star
    stein sterling stern stevens stone storm sue summer sunday sunny sydney tanner taylor troy turner vega victor
    victoria vince violet virginia vogel vogt wade walker walsh wang ward weber weiss west white will winter wolf
    woods wu young ziegler zimmermann
    """
)
"""Names that are words, months, towns or trades, too: they count only where a name is expected."""

PARTICLES = word_set("van von vom zu zum zur der den de del della di da dos du la le bin ibn bint al el ter ten")

TITLES = word_set("mr mrs ms miss mx dr prof professor doctor nurse sir herr herrn frau hr fr")

NOT_NAMES = TITLES | word_set(
    """
    a about above access account accounts actually address after afternoon again agent ahead all allergic almost
    already also although always am amazon american an and android another any anybody anyone anything anyway apart
    app apple appointment are as ask at attention aunt australia austria auto available away back bad bank be
    because been before best better between big billing black blue board book booking both boss bot box boxing boy
    brand brother but button buy by bye call caller calling can canada cancel cancelled card care case catholic chat
    chatbot check china christmas chief claim client clinic closed co code company complaint computer concierge
    confirmed contact correct could country credit currently customer customers cyber dad damn date daughter day
    days deaf deal dear definitely delighted delivery department desk device diabetic did didn director disabled
    disappointed do doctor does doesn dog don done double due during each early easter eastern ebay eight either
    else email emergency employee empty english enough error et europe even evening ever every everybody everyone
    everything exactly excellent exchange excuse express facebook family fantastic father fax feature fed feel few
    finally finance find fine first five folks following for four free french fri friday friend friends from front
    further gas general german germany get gift girl give gmail go god going good google got great greetings group
    guest guys had half hallo handling happy has have having he head health heart hello help helpdesk her here hey
    hi high him his hiring hm home horrible hospital hotel hour hours house how human husband i id idiot if ill
    important in india info information inquiry instagram insurance internet into invoice ios ip iphone is isn it
    italian italy item its japan job just kids kind kindly lab ladies last late later leave left let life like line
    linkedin little live login long look looking lord lost lot love low lunch ma'am maam macbook madam mail main
    make man manager many master mastercard may maybe me medicare member merry message microsoft might minute mobile
    mom mon monday money month more morning most mother move mr much mum muslim must my myself name names near
    neighbor neighbour neither never new news next nice night nine no nobody none noon north not note nothing now
    number of off office offer oh ok okay old on once one online only open operator or order orders other ouch our
    out over overall owner package paid parcel parent parents part party patient payment paypal pediatrics people
    per perfect person personal pharmacy phone please plus policy portal possible post pregnant premium prescription
    previous prime prior problem product profile promo question questions quick quite rather re ready really reason
    reception receipt record reference referral refund regarding regards region reply representative return returns
    ridiculous right road room safe sales same samsung sat saturday save say school second section security see
    seller send senior sept september serious service services seven several shall she shipment shipping shop should
    sick side since sincerely sister site six size small smart so sold some somebody someone something sometimes son
    soon sorry sound south spanish speaker special spoke staff start station status stay still stop store street
    student stuff subject such sun super supervisor supplier support sure surely surgery survey system take talk
    team tech technical technician ten test text than thank thankfully thanks thanksgiving that the their them then
    there therefore these they thing things think this those though three through thu thursday ticket till time
    tired to today together tomorrow tonight too total toward track tracking transfer trust try tue tuesday tv
    twitter two type uncle under unfortunately united until up update upset urgent us usa use user valentine valued
    very via video visa visit volunteer wait waiting want was wasn water way we web website wed wednesday week
    weekend welcome well were west what whatever whatsapp when where whether which while who whole whom whose why
    wife windows wish with within without woman women wonderful work world worst would wow wrong yahoo year years
    yes yesterday yet you your yours yourself youtube zip zoom january february march april june july august october
    november december feb mar jul aug oct nov dec aber ab abend alle alles als am an anliegen auch auf aus bei
    bereits beste besten bin bis bitte da dame damen danke dann das dass dein dem den denn der des die dienst dies
    diese dieser doch du ein eine einem einen einer ende er es euch euro euer für ganz geehrte geehrter geehrten
    gern gestern gibt grüße gruß gut guten gute guter haben hat haus herren herzliche hier ich ihr ihre ihnen im in
    ist ja jetzt kann kein keine kollege kollegin kollegen kolleginnen kunde kunden kundin kundenservice leider
    liebe lieber liebes man mein meine meiner mit mitarbeiter moin montag morgen nach nachricht nein nicht noch nun
    nur ob oder ohne patient patientin praxis samstag schon sehr seit sie sind sonntag tag team termin tochter um
    und uns unser unsere vielen viele vom von vor war warum was wenn wer wie wir wo zu zum zur zusammen januar
    februar märz mai juni juli september oktober dezember dienstag mittwoch donnerstag freitag frohe schöne schönen
    diabetiker diabetikerin rentner rentnerin schwanger
    """
)
"""Words that often begin with a capital, or follow a greeting, and are nobody's name."""

PLACES = word_set(
    """
    airport arena avenue bank beach boulevard bridge canyon castle cathedral cemetery center centre church city clinic
    college county court creek drive falls foundation harbor harbour health heights high hill hospital hotel inn
    institute island lake lane library mall medical memorial mountain mountains museum palace park parkway period
    pharmacy place plaza point restaurant ridge river road school square stadium station store street theatre tower
    university valley way
    """
)
"""Words with a capital that make a place or an institution of the name before them."""

ILLNESS = word_set("cancer disease lymphoma syndrome thyroiditis")
"""Words that make an illness of the name before them."""
