-- An event trigger belongs to the database.
DROP EVENT TRIGGER guard;
--> Breaking guard: drops event trigger guard: what it did happens no more
