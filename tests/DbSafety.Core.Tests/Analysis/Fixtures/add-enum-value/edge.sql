ALTER TYPE app."Mood" ADD VALUE IF NOT EXISTS 'it''s' AFTER 'sad';
--> Info app."Mood"."it's": adds value it's to app."Mood"
