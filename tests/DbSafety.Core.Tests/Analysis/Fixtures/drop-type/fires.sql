DROP TYPE mood;
--> Breaking mood: drops type mood: queries and code that use it fail
DROP DOMAIN IF EXISTS app.email;
--> Breaking app.email: drops domain app.email: queries and code that use it fail
