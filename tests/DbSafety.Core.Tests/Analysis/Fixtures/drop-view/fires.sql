DROP VIEW v;
--> Breaking v: drops view v: queries and code that use it fail
DROP VIEW IF EXISTS app."V", w CASCADE;
--> Breaking app."V": drops view app."V": queries and code that use it fail
--> Breaking w: drops view w: queries and code that use it fail
