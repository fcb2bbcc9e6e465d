-- Written in odd ways.
DROP	SEQUENCE -- this one
  "sequence";
--> Breaking sequence: drops sequence sequence: what still uses it fails
