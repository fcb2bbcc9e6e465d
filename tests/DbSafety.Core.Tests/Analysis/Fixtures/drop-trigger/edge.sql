-- An event trigger belongs to the database.
DROP EVENT TRIGGER guard;
--> Breaking guard: drops event trigger guard: it no longer fires
