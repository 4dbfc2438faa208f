CREATE TABLE domain (domain varchar(255) PRIMARY KEY, transport varchar(255) DEFAULT '', backupmx tinyint DEFAULT 0, active tinyint DEFAULT 1, aliased tinyint DEFAULT 0);
CREATE TABLE mailbox (username varchar(255) PRIMARY KEY, maildir varchar(255), uid int DEFAULT 5000, active tinyint DEFAULT 1, copy varchar(255) DEFAULT '');
CREATE TABLE alias (address varchar(255), goto text, active tinyint DEFAULT 1);
CREATE TABLE alias_domain (alias_domain varchar(255) PRIMARY KEY, target_domain varchar(255), active tinyint DEFAULT 1);
INSERT INTO domain (domain, transport, backupmx, active) VALUES ('one.example', '', 0, 1), ('two.example', '', 0, 1), ('old.example', '', 0, 0), ('backup.example', 'smtp:[mx.backup.example]', 1, 1);
INSERT INTO mailbox (username, maildir, uid, active, copy) VALUES ('joe@one.example', 'one.example/joe/', 5000, 1, 'archive@one.example'), ('ann@two.example', 'two.example/ann/', 5000, 1, ''), ('gone@one.example', 'one.example/gone/', 5000, 0, ''), ('o''hara@one.example', 'one.example/ohara/', 5000, 1, ''), ('archive@one.example', 'one.example/archive', 5000, 1, '');
INSERT INTO alias (address, goto) VALUES ('sales@one.example', 'joe@one.example'), ('sales@one.example', 'ann@two.example'), ('@two.example', 'ann@two.example'), ('info@one.example', 'joe@one.example, friend@backup.example'), ('joe@one.example', 'joe@one.example');
INSERT INTO alias (address, goto, active) VALUES ('quiet@one.example', 'joe@one.example', 0);
INSERT INTO alias_domain (alias_domain, target_domain) VALUES ('eins.example', 'one.example');
