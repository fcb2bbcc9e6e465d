ALTER TABLE app.events ATTACH PARTITION attic.rest DEFAULT;
--> MayFail attic.rest: requires that no row of attic.rest belongs to another partition of app.events
