-- Written in odd ways.
DROP	SEQUENCE -- this one
  "sequence";
--> Breaking sequence: drops sequence sequence: queries and code that use it fail
