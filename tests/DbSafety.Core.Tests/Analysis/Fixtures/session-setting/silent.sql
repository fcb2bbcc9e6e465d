SHOW work_mem;
ALTER ROLE app SET work_mem = '64MB';
