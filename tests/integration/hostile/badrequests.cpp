// SPDX-License-Identifier: MIT
#include "tests/integration/hostile/badrequests.h"

namespace parlor::test {

namespace {

constexpr const char *kBad = "bad_request";

QByteArray join(const QByteArray &rest)
{
    return R"({"type":"join",)" + rest + '}';
}

QByteArray message(const QByteArray &rest)
{
    return R"({"type":"message","room":"mine",)" + rest + '}';
}

QByteArray nick(const QByteArray &name)
{
    return R"({"type":"nick","username":")" + name + R"("})";
}

QByteArray room(const QByteArray &name)
{
    return join(R"("room":")" + name + '"');
}

QList<BadRequest> noRequests() // frames that are no request at all
{
    return {
        {"empty frame", "", kBad},
        {"spaces", "   ", kBad},
        {"plain text", "hello", kBad},
        {"number", "123", kBad},
        {"true", "true", kBad},
        {"null", "null", kBad},
        {"string", R"("join")", kBad},
        {"array", "[1]", kBad},
        {"array of a request", R"([{"type":"ping","t":1}])", kBad},
        {"cut object", R"({"type":"ping","t":1)", kBad},
        {"object and more", R"({"type":"ping","t":1} x)", kBad},
        {"two objects", R"({"type":"ping","t":1}{"type":"ping","t":2})", kBad},
        {"comma too many", R"({"type":"ping","t":1,})", kBad},
        {"single quotes", "{'type':'ping'}", kBad},
        {"byte order mark", "\xef\xbb\xbf{\"type\":\"ping\",\"t\":1}", kBad},
        {"raw newline in a string", "{\"type\":\"nick\",\"username\":\"a\nb\"}", kBad},
        {"half a surrogate pair", R"({"type":"message","room":"mine","cid":"c","content":"\ud83d"})", kBad},
        {"leading zero", R"({"type":"ping","t":01})", kBad},
        {"not a number", R"({"type":"ping","t":NaN})", kBad},
        {"arrays to depth 9", R"({"type":"ping","t":1,"x":[[[[[[[[[1]]]]]]]]]})", kBad},
        {"objects to depth 9",
         R"({"type":"ping","t":1,"x":{"x":{"x":{"x":{"x":{"x":{"x":{"x":{"x":{}}}}}}}}}}})", kBad},
        {"depth 10000",
         R"({"type":"ping","t":1,"x":)" + QByteArray(10000, '[') + QByteArray(10000, ']') + '}', kBad},
        {"10000 open brackets", QByteArray(10000, '['), kBad},
        {"10000 open objects", QByteArray(R"({"x":)").repeated(10000), kBad},
        {"no type", "{}", kBad},
        {"null type", R"({"type":null})", kBad},
        {"number as type", R"({"type":5})", kBad},
        {"object as type", R"({"type":{"type":"ping"}})", kBad},
        {"unknown type", R"({"type":"nonsense"})", "unknown_type"},
        {"empty type", R"({"type":""})", "unknown_type"},
        {"type in capitals", R"({"type":"PING","t":1})", "unknown_type"},
        {"type of 10000 characters", R"({"type":")" + QByteArray(10000, 't') + R"("})", "unknown_type"},
        {"what the server sends", R"({"type":"ack","rid":1,"room":"mine"})", "unknown_type"},
        {"rid 0", R"({"type":"ping","t":1,"rid":0})", kBad},
        {"rid -1", R"({"type":"ping","t":1,"rid":-1})", kBad},
        {"rid past 32 bits", R"({"type":"ping","t":1,"rid":4294967296})", kBad},
        {"rid a fraction", R"({"type":"ping","t":1,"rid":1.5})", kBad},
        {"rid a string", R"({"type":"ping","t":1,"rid":"1"})", kBad},
        {"rid null", R"({"type":"ping","t":1,"rid":null})", kBad},
    };
}

QList<BadRequest> wrongFields()
{
    return {
        {"join: no room", R"({"type":"join"})", kBad},
        {"join: null room", join(R"("room":null)"), kBad},
        {"join: number as room", join(R"("room":5)"), kBad},
        {"join: array as room", join(R"("room":["mine"])"), kBad},
        {"join: null since", join(R"("room":"mine","since":null)"), kBad},
        {"join: number as since", join(R"("room":"mine","since":5)"), kBad},
        {"join: empty since", join(R"("room":"mine","since":{})"), kBad},
        {"join: since without seq", join(R"("room":"mine","since":{"epoch":"e"})"), kBad},
        {"join: since without epoch", join(R"("room":"mine","since":{"seq":1})"), kBad},
        {"join: negative seq", join(R"("room":"mine","since":{"epoch":"e","seq":-1})"), kBad},
        {"join: seq a fraction", join(R"("room":"mine","since":{"epoch":"e","seq":1.5})"), kBad},
        {"join: seq a string", join(R"("room":"mine","since":{"epoch":"e","seq":"1"})"), kBad},
        {"join: seq past 64 bits", join(R"("room":"mine","since":{"epoch":"e","seq":99999999999999999999})"),
         kBad},
        {"join: number as epoch", join(R"("room":"mine","since":{"epoch":5,"seq":1})"), kBad},
        {"join: negative history", join(R"("room":"mine","history":-1)"), kBad},
        {"join: history a fraction", join(R"("room":"mine","history":1.5)"), kBad},
        {"join: history a string", join(R"("room":"mine","history":"50")"), kBad},
        {"join: history null", join(R"("room":"mine","history":null)"), kBad},
        {"leave: no room", R"({"type":"leave"})", kBad},
        {"message: no content", message(R"("cid":"c")"), kBad},
        {"message: null content", message(R"("cid":"c","content":null)"), kBad},
        {"message: number as content", message(R"("cid":"c","content":5)"), kBad},
        {"message: object as content", message(R"("cid":"c","content":{"text":"x"})"), kBad},
        {"message: no cid", message(R"("content":"x")"), kBad},
        {"message: null cid", message(R"("content":"x","cid":null)"), kBad},
        {"message: number as cid", message(R"("content":"x","cid":1)"), kBad},
        {"message: no room", R"({"type":"message","content":"x","cid":"c"})", kBad},
        {"history: negative limit", R"({"type":"history","room":"mine","limit":-1})", kBad},
        {"history: before a string", R"({"type":"history","room":"mine","before":"1"})", kBad},
        {"history: before null", R"({"type":"history","room":"mine","before":null})", kBad},
        {"typing: no on", R"({"type":"typing","room":"mine"})", kBad},
        {"typing: on a string", R"({"type":"typing","room":"mine","on":"true"})", kBad},
        {"typing: on a number", R"({"type":"typing","room":"mine","on":1})", kBad},
        {"nick: no username", R"({"type":"nick"})", kBad},
        {"nick: null", R"({"type":"nick","username":null})", kBad},
        {"rooms: number as prefix", R"({"type":"rooms","prefix":5})", kBad},
        {"rooms: limit a string", R"({"type":"rooms","limit":"5"})", kBad},
        {"who: no room", R"({"type":"who"})", kBad},
        {"who: number as after", R"({"type":"who","room":"mine","after":5})", kBad},
        {"ping: no t", R"({"type":"ping"})", kBad},
        {"ping: t a string", R"({"type":"ping","t":"1"})", kBad},
        {"ping: t null", R"({"type":"ping","t":null})", kBad},
        {"auth after another request", R"({"type":"auth"})", kBad},
    };
}

QList<BadRequest> wrongValues()
{
    return {
        {"room: empty", room(""), "room_invalid"},
        {"room: space", room("two words"), "room_invalid"},
        {"room: slash", room("../etc"), "room_invalid"},
        {"room: 65 characters", room(QByteArray(65, 'r')), "room_invalid"},
        {"room: beyond ASCII", room("küche"), "room_invalid"},
        {"room: capital that only Unicode lowers", room("\xe2\x84\xaa"), "room_invalid"}, // the Kelvin sign
        {"room: control character", room("a\\u0000b"), "room_invalid"},
        {"message: not in the room", R"({"type":"message","room":"support","content":"x","cid":"c"})",
         "not_in_room"},
        {"message: no such room", R"({"type":"message","room":"nowhere","content":"x","cid":"c"})",
         "not_in_room"},
        {"history: not in the room", R"({"type":"history","room":"support"})", "not_in_room"},
        {"who: not in the room", R"({"type":"who","room":"support"})", "not_in_room"},
        {"typing: not in the room", R"({"type":"typing","room":"support","on":true})", "not_in_room"},
        {"message: empty content", message(R"("cid":"c","content":"")"), kBad},
        {"message: NUL in the content", message(R"("cid":"c","content":"a\u0000b")"), kBad},
        {"message: bell in the content", message(R"("cid":"c","content":"a\u0007b")"), kBad},
        {"message: return in the content", message(R"("cid":"c","content":"a\r\nb")"), kBad},
        {"message: 4001 characters", message(R"("cid":"c","content":")" + QByteArray(4001, 'x') + '"'),
         "too_large"},
        {"message: empty cid", message(R"("content":"x","cid":"")"), kBad},
        {"message: cid of 37 characters", message(R"("content":"x","cid":")" + QByteArray(37, 'c') + '"'),
         kBad},
        {"nick: empty", nick(""), "name_invalid"},
        {"nick: 33 characters", nick(QByteArray(33, 'n')), "name_invalid"},
        {"nick: NUL", nick("a\\u0000b"), "name_invalid"},
        {"nick: newline", nick("a\\nb"), "name_invalid"},
        {"nick: C1 control", nick("a\\u0085b"), "name_invalid"},
        {"nick: zero-width space", nick("a\\u200bb"), "name_invalid"},
        {"nick: right-to-left override", nick("a\\u202eb"), "name_invalid"},
        {"nick: bidi isolate", nick("a\\u2066b"), "name_invalid"},
        {"nick: byte order mark", nick("a\\ufeffb"), "name_invalid"},
    };
}

} // namespace

const QList<BadRequest> &badRequests()
{
    static const QList<BadRequest> rows = noRequests() + wrongFields() + wrongValues();
    return rows;
}

} // namespace parlor::test
