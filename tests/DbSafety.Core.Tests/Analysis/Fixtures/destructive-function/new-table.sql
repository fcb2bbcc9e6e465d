CREATE TABLE draft (picture oid);
SELECT lo_unlink(picture) FROM draft;
--> Destructive lo_unlink: calls lo_unlink, which deletes a large object
