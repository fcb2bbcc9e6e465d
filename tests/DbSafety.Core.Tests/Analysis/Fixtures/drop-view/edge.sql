-- Written in odd ways.
DROP	VIEW -- this one
  "view";
--> Breaking view: drops view view: queries and code that use it fail
