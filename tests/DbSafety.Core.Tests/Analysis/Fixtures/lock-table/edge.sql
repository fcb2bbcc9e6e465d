-- These keep neither readers nor writers waiting.
LOCK TABLE users IN ACCESS SHARE MODE;
--> Info users: locks users by name: those who read and write do not wait for this mode
LOCK TABLE users IN SHARE UPDATE EXCLUSIVE MODE;
--> Info users: locks users by name: those who read and write do not wait for this mode
