-- It only ends what a CONCURRENTLY left half done.
ALTER TABLE events DETACH PARTITION events_2025 FINALIZE;
ALTER TABLE IF EXISTS app."Events" DETACH PARTITION attic.events_2025;
--> Blocking app."Events": detaches attic.events_2025 from app."Events"; nobody can read or write app."Events" meanwhile, and it waits for all who do
