create table seed (who text);
insert into seed values ('init script');
