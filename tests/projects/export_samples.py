"""Exports of five time trackers in the layouts of their products, with people and work of our own."""

# ruff: noqa: E501 - lines as the products write them

HARVEST = """Date,Client,Project,Project Code,Task,Notes,Hours,Hours Rounded,Billable?,Invoiced?,Approved?,First Name,Last Name,Employee Id,Roles,Employee?,Billable Rate,Billable Amount,Cost Rate,Cost Amount,Currency,External Reference URL
2026-03-09,Nordlicht Werft GmbH,Slipway,N-7,Survey,"Plates, frames","6,25","6,5",Yes,No,Yes,Ada,Brandt,,Surveyor,Yes,"110,0","687,5","60,0","375,0",Euro - EUR,
2026-03-09,Nordlicht Werft GmbH,Slipway,N-7,Planning,Monday call,"0,4","0,5",Yes,No,Yes,Jonas,Reuter,,Lead,Yes,"130,0","52,0","70,0","28,0",Euro - EUR,
2026-03-10,Nordlicht Werft GmbH,Slipway,N-7,Survey,On an invoice already,"3,0","3,0",Yes,Yes,Yes,Ada,Brandt,,Surveyor,Yes,"110,0","330,0","60,0","180,0",Euro - EUR,
2026-03-11,,Own days,,,"","19,0","19,0",No,No,No,Ilse,Vogt,,,Yes,"90,0","1.710,0","0,0","0,0",Euro - EUR,
"""

HARVEST_GERMAN = """Datum;Kunde;Projekt;Aufgabe;Notizen;Stunden;Abrechenbar?;Vorname;Nachname;Stundensatz
09.03.2026;Nordlicht Werft GmbH;Slipway;Survey;Überprüfung;6,5;Ja;Ada;Brandt;110,0
"""

TOGGL = """User,Email,Client,Project,Task,Description,Billable,Start date,Start time,End date,End time,Duration,Tags,Amount (EUR)
Ada Brandt,ada@example.com,Nordlicht Werft GmbH,Slipway,Survey,Plates,Yes,2026-03-09,09:00:00,2026-03-09,11:00:07,02:00:07,,220.21
Jonas Reuter,jonas@example.com,Nordlicht Werft GmbH,Slipway,Planning,Night shift,Yes,2026-03-09,23:40:00,2026-03-10,00:10:00,00:30:00,"night, call",65.00
Ilse Vogt,ilse@example.com,,,,Forgotten timer,No,2026-03-10,08:00:00,2026-03-10,08:00:00,00:00:00,,0.00
"""

CLOCKIFY = """"Project","Client","Description","Task","User","Group","Email","Tags","Billable","Start Date","Start Time","End Date","End Time","Duration (h)","Duration (decimal)","Billable Rate (EUR)","Billable Amount (EUR)"
"Slipway","Nordlicht Werft GmbH","Plates","Survey","Ada Brandt","","ada@example.com","","Yes","03/09/2026","08:10 AM","03/09/2026","10:10:07 AM","02:00:07","2.00","110.00","220.21"
"Slipway","Nordlicht Werft GmbH","Call","Planning","Jonas Reuter","","jonas@example.com","call","Yes","03/11/2026","01:00 PM","03/11/2026","01:40 PM","00:40:00","0.67","130.00","86.67"
"Own days","","Reading","","Ilse Vogt","","ilse@example.com","","No","03/16/2026","09:00 AM","03/16/2026","03:00 PM","06:00:00","6.00","0.00","0.00"
"""

KIMAI = """"Date","From","To","Duration","Rate","User","Customer","Project","Activity","Description","Exported","Tags","Hourly rate","Fixed rate"
"2026-03-09","14:00","16:20","8400","256.67","ada@example.com","Nordlicht Werft GmbH","Slipway", "Survey","plates, port side","0","survey,late","110.00","0"
"2026-03-10","09:00","09:25","1500","54.17","jonas@example.com","Nordlicht Werft GmbH","Slipway","Planning","call","1","","130.00","0"
"""

TEMPO = """"Issue Key","Issue summary","Hours","Work date","Username","Full name","Period","Account Key","Account Name","Account Lead","Account Category","Account Customer","Activity Name","Component","All Components","Version Name","Issue Type","Issue Status","Project Key","Project Name","Epic","Epic Link","Work Description","Parent Key","Reporter","External Hours","Billed Hours","Issue Original Estimate","Issue Remaining Estimate"
"SW-4","Plates","2.5833333333333","2026-03-09","ada","Ada Brandt","0326","NORD","Nordlicht Werft GmbH","ilse","Billable","Nordlicht Werft GmbH","Survey","","","","Task","Open","SW","Slipway","","","port side","","ilse","0","2.5833333333333","9","3"
"SW-9","Calls","0.16666666666667","2026-03-09","jonas","Jonas Reuter","0326","NORD","Nordlicht Werft GmbH","ilse","Billable","Nordlicht Werft GmbH","Planning","","","","Task","Done","SW","Slipway","","","monday","","ilse","0","0.16666666666667","1","0"
"""
