SHOW work_mem;
LISTEN news;
CHECKPOINT;
;
