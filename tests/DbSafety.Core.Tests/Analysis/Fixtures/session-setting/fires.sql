SET lock_timeout = '5s';
--> Info lock_timeout: sets lock_timeout for the session
SET LOCAL search_path TO app, public;
--> Info search_path: sets search_path for the session
RESET work_mem;
--> Info work_mem: sets work_mem for the session
