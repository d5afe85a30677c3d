// SPDX-License-Identifier: MIT
#include "tests/conformance/utf8sequences.h"

namespace parlor::test {
namespace {

struct Row
{
    const char *hex;
    bool isValid;
};

struct Group
{
    int number;
    const char *title;
    QList<Row> rows;
};

constexpr bool kValid = true;
constexpr bool kInvalid = false;

const QList<Group> &table()
{
    static const QList<Group> groups{
        {5,
         "correct text",
         {{"68656c6c6f24776f726c64", kValid},
          {"68656c6c6fc2a2776f726c64", kValid},
          {"68656c6c6fe282ac776f726c64", kValid},
          {"68656c6c6ff0a4ada2776f726c64", kValid},
          {"cebae1bdb9cf83cebcceb5", kValid}}},
        {6,
         "prefixes of correct text",
         {{"ce", kInvalid},
          {"ceba", kValid},
          {"cebae1", kInvalid},
          {"cebae1bd", kInvalid},
          {"cebae1bdb9", kValid},
          {"cebae1bdb9cf", kInvalid},
          {"cebae1bdb9cf83", kValid},
          {"cebae1bdb9cf83ce", kInvalid},
          {"cebae1bdb9cf83cebc", kValid},
          {"cebae1bdb9cf83cebcce", kInvalid},
          {"cebae1bdb9cf83cebcceb5", kValid}}},
        {7,
         "first of each length",
         {{"00", kValid}, {"c280", kValid}, {"e0a080", kValid}, {"f0908080", kValid}}},
        {8, "first of length 5 and 6", {{"f888808080", kInvalid}, {"fc8480808080", kInvalid}}},
        {9,
         "last of each length",
         {{"7f", kValid}, {"dfbf", kValid}, {"efbfbf", kValid}, {"f48fbfbf", kValid}}},
        {10,
         "last of length 4, 5 and 6",
         {{"f7bfbfbf", kInvalid}, {"fbbfbfbfbf", kInvalid}, {"fdbfbfbfbfbf", kInvalid}}},
        {11,
         "other boundaries",
         {{"ed9fbf", kValid},
          {"ee8080", kValid},
          {"efbfbd", kValid},
          {"f48fbfbf", kValid},
          {"f4908080", kInvalid}}},
        {12,
         "unexpected continuation bytes",
         {{"80", kInvalid},
          {"bf", kInvalid},
          {"80bf", kInvalid},
          {"80bf80", kInvalid},
          {"80bf80bf", kInvalid},
          {"80bf80bf80", kInvalid},
          {"80bf80bf80bf", kInvalid},
          {"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
           "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbe",
           kInvalid}}},
        {13,
         "lonely start bytes",
         {{"c020c120c220c320c420c520c620c720c820c920ca20cb20cc20cd20ce20cf20"
           "d020d120d220d320d420d520d620d720d820d920da20db20dc20dd20de20",
           kInvalid},
          {"e020e120e220e320e420e520e620e720e820e920ea20eb20ec20ed20ee20", kInvalid},
          {"f020f120f220f320f420f520f620", kInvalid},
          {"f820f920fa20", kInvalid},
          {"fc20", kInvalid}}},
        {14,
         "last continuation byte missing",
         {{"c0", kInvalid},
          {"e080", kInvalid},
          {"f08080", kInvalid},
          {"f8808080", kInvalid},
          {"fc80808080", kInvalid},
          {"df", kInvalid},
          {"efbf", kInvalid},
          {"f7bfbf", kInvalid},
          {"fbbfbfbf", kInvalid},
          {"fdbfbfbfbf", kInvalid}}},
        {15,
         "all of these joined",
         {{"c0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf", kInvalid}}},
        {16, "impossible bytes", {{"fe", kInvalid}, {"ff", kInvalid}, {"fefeffff", kInvalid}}},
        {17,
         "overlong slash",
         {{"c0af", kInvalid},
          {"e080af", kInvalid},
          {"f08080af", kInvalid},
          {"f8808080af", kInvalid},
          {"fc80808080af", kInvalid}}},
        {18,
         "longest overlong",
         {{"c1bf", kInvalid},
          {"e09fbf", kInvalid},
          {"f08fbfbf", kInvalid},
          {"f887bfbfbf", kInvalid},
          {"fc83bfbfbfbf", kInvalid}}},
        {19,
         "overlong NUL",
         {{"c080", kInvalid},
          {"e08080", kInvalid},
          {"f0808080", kInvalid},
          {"f880808080", kInvalid},
          {"fc8080808080", kInvalid}}},
        {20,
         "single surrogates",
         {{"eda080", kInvalid},
          {"edadbf", kInvalid},
          {"edae80", kInvalid},
          {"edafbf", kInvalid},
          {"edb080", kInvalid},
          {"edbe80", kInvalid},
          {"edbfbf", kInvalid}}},
        {21,
         "paired surrogates",
         {{"eda080edb080", kInvalid},
          {"eda080edbfbf", kInvalid},
          {"edadbfedb080", kInvalid},
          {"edadbfedbfbf", kInvalid},
          {"edae80edb080", kInvalid},
          {"edae80edbfbf", kInvalid},
          {"edafbfedb080", kInvalid},
          {"edafbfedbfbf", kInvalid}}},
        {22,
         "non-characters, which are well-formed",
         {{"efbfbe", kValid},   {"efbfbf", kValid},   {"f09fbfbe", kValid}, {"f09fbfbf", kValid},
          {"f0afbfbe", kValid}, {"f0afbfbf", kValid}, {"f0bfbfbe", kValid}, {"f0bfbfbf", kValid},
          {"f18fbfbe", kValid}, {"f18fbfbf", kValid}, {"f19fbfbe", kValid}, {"f19fbfbf", kValid},
          {"f1afbfbe", kValid}, {"f1afbfbf", kValid}, {"f1bfbfbe", kValid}, {"f1bfbfbf", kValid},
          {"f28fbfbe", kValid}, {"f28fbfbf", kValid}, {"f29fbfbe", kValid}, {"f29fbfbf", kValid},
          {"f2afbfbe", kValid}, {"f2afbfbf", kValid}, {"f2bfbfbe", kValid}, {"f2bfbfbf", kValid},
          {"f38fbfbe", kValid}, {"f38fbfbf", kValid}, {"f39fbfbe", kValid}, {"f39fbfbf", kValid},
          {"f3afbfbe", kValid}, {"f3afbfbf", kValid}, {"f3bfbfbe", kValid}, {"f3bfbfbf", kValid},
          {"f48fbfbe", kValid}, {"f48fbfbf", kValid}}},
        {23,
         "specials",
         {{"efbfb9", kValid},
          {"efbfba", kValid},
          {"efbfbb", kValid},
          {"efbfbc", kValid},
          {"efbfbd", kValid},
          {"efbfbe", kValid},
          {"efbfbf", kValid}}},
    };
    return groups;
}

} // namespace

QList<Utf8Sequence> utf8Sequences()
{
    QList<Utf8Sequence> sequences;
    for (const Group &group : table()) {
        int number = 0;
        for (const Row &row : group.rows) {
            const QByteArray id =
                "6." + QByteArray::number(group.number) + '.' + QByteArray::number(++number);
            sequences.append({id + ' ' + group.title, QByteArray::fromHex(row.hex), row.isValid});
        }
    }
    return sequences;
}

} // namespace parlor::test
