#!/usr/bin/perl
# Uses a memcached server through Perl's Cache::Memcached: memcached_perl.pl HOST PORT
use strict;
use warnings;
use Cache::Memcached;

my ($host, $port) = @ARGV;
my $client = Cache::Memcached->new({ servers => ["$host:$port"], connect_timeout => 5, select_timeout => 5 });

sub check {
    my ($what, $got, $expected) = @_;
    $got = '(undef)' unless defined $got;
    if ("$got" ne "$expected") {
        print "Cache::Memcached: $what: got ", substr($got, 0, 80), ", expected ", substr($expected, 0, 80), "\n";
        exit 1;
    }
}

$client->flush_all;
check('set', $client->set('a', 'one'), 1);
check('get', $client->get('a'), 'one');
check('add of what is there', $client->add('a', 'two') ? 'stored' : 'refused', 'refused');
check('replace', $client->replace('a', 7), 1);
check('incr', $client->incr('a', 35), 42);
check('decr', $client->decr('a', 2), 40);
my %many = map { ("k$_" => "value $_") } 1 .. 200;
$client->set($_, $many{$_}) for keys %many;
my $got = $client->get_multi(keys %many);
check('get_multi', scalar(keys %$got), 200);
check("get_multi $_", $got->{$_}, $many{$_}) for keys %many;
my $large = 'x1y2' x 125_000;
check('large set', $client->set('large', $large), 1);
check('large get', $client->get('large') eq $large ? 'equal' : 'differs', 'equal');
check('delete', $client->delete('a'), 1);
check('get of what is gone', defined $client->get('a') ? 'there' : 'gone', 'gone');
$client->disconnect_all;
print "Cache::Memcached: all answers right\n";
