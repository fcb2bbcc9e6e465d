START TRANSACTION ISOLATION LEVEL SERIALIZABLE;
--> Info statement 1: controls the transaction (START)
SET TRANSACTION READ ONLY;
--> Info statement 2: controls the transaction (SET)
END;
--> Info statement 3: controls the transaction (END)
