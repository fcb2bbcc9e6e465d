-- An array's element and a composite's field.
UPDATE ONLY users SET tags[1] = 'x', home.street = 'y' WHERE id = 1;
--> Breaking users: overwrites tags, home in some rows of users
