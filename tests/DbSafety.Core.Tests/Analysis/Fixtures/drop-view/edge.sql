-- Written in odd ways.
DROP	VIEW -- this one
  "view";
--> Breaking view: drops view view: what still uses it fails
