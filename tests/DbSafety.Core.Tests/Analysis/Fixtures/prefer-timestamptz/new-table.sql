CREATE TABLE draft (a timestamp);
--> Info draft.a: stores draft.a as timestamp, without a time zone: sessions in other time zones read another point in time
