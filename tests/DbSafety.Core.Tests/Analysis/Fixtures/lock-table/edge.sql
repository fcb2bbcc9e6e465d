-- These keep neither readers nor writers waiting.
LOCK TABLE users IN ACCESS SHARE MODE;
--> Info users: locks users until the transaction ends; nobody can change its definition meanwhile: those who read and write do not wait for this mode
LOCK TABLE users IN SHARE UPDATE EXCLUSIVE MODE;
--> Info users: locks users until the transaction ends; nobody can change its definition meanwhile: those who read and write do not wait for this mode
