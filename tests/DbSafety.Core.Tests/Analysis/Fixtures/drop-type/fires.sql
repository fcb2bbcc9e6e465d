DROP TYPE mood;
--> Breaking mood: drops type mood: what still uses it fails
DROP DOMAIN IF EXISTS app.email;
--> Breaking app.email: drops domain app.email: what still uses it fails
