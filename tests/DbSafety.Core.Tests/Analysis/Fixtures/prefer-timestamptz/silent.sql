CREATE TABLE orders (made timestamptz, sent timestamp(3) with time zone, day date, at time);
