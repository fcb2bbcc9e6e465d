DROP VIEW v;
--> Breaking v: drops view v: what still uses it fails
DROP VIEW IF EXISTS app."V", w CASCADE;
--> Breaking app."V": drops view app."V": what still uses it fails
--> Breaking w: drops view w: what still uses it fails
