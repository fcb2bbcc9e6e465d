CREATE TABLE draft (id int);
DROP DATABASE other;
--> Breaking other: drops database other, which all databases of the server share: it acts outside the database, and a restore does not undo it
