CREATE TYPE draft AS ENUM ('a');
ALTER TYPE draft ADD VALUE 'b';
--> Info draft.b: adds value b to draft
