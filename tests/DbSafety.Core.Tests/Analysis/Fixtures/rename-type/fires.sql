ALTER TYPE mood RENAME TO feeling;
--> Breaking mood: renames type mood to feeling: casts, functions and clients that use the old name fail
ALTER DOMAIN app.email SET SCHEMA shared;
--> Breaking app.email: renames type app.email to shared.email: casts, functions and clients that use the old name fail
