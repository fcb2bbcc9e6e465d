-- These keep neither readers nor writers waiting.
LOCK TABLE users IN ACCESS SHARE MODE;
--> Info users: locks users explicitly: this mode does not block reads and writes
LOCK TABLE users IN SHARE UPDATE EXCLUSIVE MODE;
--> Info users: locks users explicitly: this mode does not block reads and writes
