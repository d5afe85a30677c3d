// SPDX-License-Identifier: MIT
#include "client-cli/load/compare/comparisontext.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace parlor::cli::load::compare {

using namespace Qt::StringLiterals;

namespace {

QString qt(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QJsonArray sideJson(const std::vector<NamedRun> &side)
{
    QJsonArray runs;
    for (const NamedRun &run : side) {
        QJsonArray limits;
        for (const std::string &each : run.judgement.limits)
            limits.append(qt(each));
        runs.append(QJsonObject{{u"file"_s, qt(run.name)},
                                {u"id"_s, qt(run.record.id)},
                                {u"url"_s, qt(run.record.settings.url)},
                                {u"verdict"_s, qt(toString(run.judgement.verdict))},
                                {u"generator_limits"_s, limits}});
    }
    return runs;
}

QJsonArray mismatchJson(const std::vector<Mismatch> &mismatches)
{
    QJsonArray all;
    for (const Mismatch &mismatch : mismatches) {
        for (const SettingsDifference &each : mismatch.differences)
            all.append(QJsonObject{{u"files"_s, QJsonArray{qt(mismatch.first), qt(mismatch.other)}},
                                   {u"key"_s, qt(each.key)},
                                   {u"values"_s, QJsonArray{qt(each.left), qt(each.right)}}});
    }
    return all;
}

QJsonObject faultJson(const FaultChange &fault)
{
    return {{u"base"_s, static_cast<double>(fault.base)},
            {u"base_of"_s, static_cast<double>(fault.baseOf)},
            {u"new"_s, static_cast<double>(fault.changed)},
            {u"new_of"_s, static_cast<double>(fault.changedOf)},
            {u"verdict"_s, qt(toKey(fault.change))}};
}

QJsonValue orNull(std::optional<double> value)
{
    return value ? QJsonValue(*value) : QJsonValue();
}

QJsonObject figureJson(const FigureChange &figure)
{
    const auto numbers = [](const std::vector<double> &values) {
        QJsonArray all;
        for (const double each : values)
            all.append(each);
        return all;
    };
    const auto middle = [](const std::vector<double> &values, double value) {
        return values.empty() ? QJsonValue() : QJsonValue(value);
    };
    const QString units[]{u"us"_s, u"per_second"_s, u"share"_s, u"cores"_s, u"bytes"_s};
    return {{u"unit"_s, units[static_cast<std::size_t>(figure.figure->unit)]},
            {u"base"_s, numbers(figure.base)},
            {u"new"_s, numbers(figure.changed)},
            {u"base_median"_s, middle(figure.base, figure.baseMedian)},
            {u"new_median"_s, middle(figure.changed, figure.changedMedian)},
            {u"change"_s, orNull(figure.part)},
            {u"p"_s, orNull(figure.p)},
            {u"verdict"_s, qt(toKey(figure.change))},
            {u"why"_s, qt(figure.why)}};
}

} // namespace

QByteArray comparisonJson(const Sides &sides, const Comparison &comparison)
{
    QJsonObject faults;
    for (const FaultChange &each : comparison.faults)
        faults.insert(qt(each.key), faultJson(each));
    QJsonObject figures;
    for (const FigureChange &each : comparison.figures)
        figures.insert(qt(each.figure->key), figureJson(each));
    QJsonArray notices;
    for (const std::string &each : comparison.notices)
        notices.append(qt(each));
    const QJsonObject all{{u"verdict"_s, qt(toKey(comparison.change))},
                          {u"tolerance"_s, comparison.options.tolerance},
                          {u"base"_s, sideJson(sides.base)},
                          {u"new"_s, sideJson(sides.changed)},
                          {u"different_parameters"_s, mismatchJson(comparison.mismatches)},
                          {u"notices"_s, notices},
                          {u"correctness"_s, faults},
                          {u"figures"_s, figures}};
    return QJsonDocument(all).toJson(QJsonDocument::Indented);
}

} // namespace parlor::cli::load::compare
