-- It only ends what a CONCURRENTLY left half done.
ALTER TABLE events DETACH PARTITION events_2025 FINALIZE;
ALTER TABLE IF EXISTS app."Events" DETACH PARTITION attic.events_2025;
--> Blocking app."Events": ACCESS EXCLUSIVE on app."Events", attic.events_2025, the default partition of app."Events" and the tables that reference app."Events": blocks reads and writes until the transaction ends; detaches attic.events_2025 from app."Events" and waits for every transaction that has used it
