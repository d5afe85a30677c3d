// SPDX-License-Identifier: MIT
#include "client-cli/load/runfile/settingsdifference.h"

#include "client-cli/load/runfile/recordwriter.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <map>

namespace parlor::cli::load {

namespace {

using FlatValues = std::map<std::string, std::string>;

/// Each value that is neither an object nor an array with something in it, by its path.
void flatten(const QJsonValue &value, const std::string &path, FlatValues &values)
{
    if (value.isObject() && !value.toObject().isEmpty()) {
        const QJsonObject object = value.toObject();
        for (auto each = object.begin(); each != object.end(); ++each)
            flatten(each.value(), path + "." + each.key().toStdString(), values);
    } else if (value.isArray() && !value.toArray().isEmpty()) {
        const QJsonArray array = value.toArray();
        for (qsizetype i = 0; i < array.size(); ++i)
            flatten(array[i], path + "[" + std::to_string(i) + "]", values);
    } else {
        const QByteArray json = QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact);
        values[path] = json.mid(1, json.size() - 2).toStdString();
    }
}

FlatValues flatValuesOf(const Settings &settings)
{
    FlatValues values;
    flatten(toJson(settings), "parameters", values);
    return values;
}

std::string valueAt(const FlatValues &values, const std::string &key)
{
    const auto found = values.find(key);
    return found == values.end() ? "nothing" : found->second;
}

} // namespace

std::vector<SettingsDifference> differencesOf(const Settings &left, const Settings &right)
{
    const FlatValues ours = flatValuesOf(left);
    const FlatValues theirs = flatValuesOf(right);
    FlatValues keys = ours;
    keys.insert(theirs.begin(), theirs.end());
    std::vector<SettingsDifference> found;
    for (const auto &[key, unused] : keys) {
        SettingsDifference each{key, valueAt(ours, key), valueAt(theirs, key)};
        if (each.left != each.right)
            found.push_back(std::move(each));
    }
    return found;
}

} // namespace parlor::cli::load
