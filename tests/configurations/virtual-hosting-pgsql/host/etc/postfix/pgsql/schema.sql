CREATE TABLE domain (domain text PRIMARY KEY, transport text, active boolean DEFAULT true, backup boolean DEFAULT false);
CREATE TABLE mailbox (local_part text, domain text, maildir text, active boolean DEFAULT true, PRIMARY KEY (local_part, domain));
CREATE TABLE alias (address text, goto text, active boolean DEFAULT true);
INSERT INTO domain VALUES ('one.example', NULL, true, false), ('two.example', NULL, true, false), ('old.example', NULL, false, false), ('backup.example', 'smtp:[mx.backup.example]', false, true);
INSERT INTO mailbox VALUES ('joe', 'one.example', 'one.example/joe/'), ('ann', 'two.example', 'two.example/ann/'), ('gone', 'one.example', 'one.example/gone/', false), ('o''hara', 'one.example', 'one.example/ohara/');
INSERT INTO alias VALUES ('sales@one.example', 'joe@one.example'), ('sales@one.example', 'ann@two.example'), ('@two.example', 'ann@two.example'), ('info@one.example', 'joe@one.example, friend@backup.example');
