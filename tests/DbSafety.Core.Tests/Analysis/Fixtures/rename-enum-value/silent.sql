ALTER TYPE mood ADD VALUE 'blue';
ALTER TYPE mood RENAME TO feeling;
