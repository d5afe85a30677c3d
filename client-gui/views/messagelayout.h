// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/look/tokens.h"
#include "client-gui/models/messagemodel.h"

#include <QFont>
#include <QRect>
#include <QTextLayout>

#include <memory>

namespace parlor::gui {

/// One row of a MessageModel, as its roles tell it.
struct MessageRow
{
    QString user;
    QString hue; ///< hueKey()
    QString name;
    QString text;
    QDateTime time;
    MessageModel::Delivery delivery = MessageModel::Delivery::Received;
    QString problem;
    bool groupStart = true;
    QDate day; ///< of a day line above; invalid: none
    QString gap;
    bool gapOpen = false;
    bool marker = false;
    bool mention = false;
    bool deleted = false;
    bool deleting = false;

    [[nodiscard]] static MessageRow from(const QModelIndex &index);
    [[nodiscard]] bool isOwn() const { return delivery != MessageModel::Delivery::Received; }
    /// It has a mark of its delivery.
    [[nodiscard]] bool isMarked() const { return isOwn() && !deleted; }
    /// The person must decide: send it again, or delete it.
    [[nodiscard]] bool isStuck() const;
};

struct MessageFonts
{
    explicit MessageFonts(const QFont &base);
    QFont body;
    QFont name;
    QFont small;   ///< times, problems
    QFont caption; ///< lines between messages, actions
    QFont code;
    int lineHeight;
};

enum class Folding {
    Folded,   ///< past kFoldedLines
    Unfolded, ///< as far as a view can show a row
};

/// What a layout depends on besides its row.
struct LayoutContext
{
    const MessageFonts &fonts;
    const Tokens &tokens;
    int width = 0;
    QDate today;
    QString self; ///< whose mentions stand out
    Folding folding = Folding::Folded;
    Qt::LayoutDirection direction = Qt::LeftToRight;
};

inline constexpr int kFoldedLines = 40;

/// Where everything of one row is, in its coordinates. What a row does not have, has an empty rectangle.
struct MessageLayout
{
    struct Link
    {
        QRect rect; ///< one for each line that it is on
        QString href;
    };
    enum class Action { None, OpenLink, Resend, Discard, Fold, LoadGap, KeepIt };
    struct Hit
    {
        Action action = Action::None;
        QString href{};
        bool operator==(const Hit &) const = default;
    };

    MessageLayout(const MessageRow &row, const LayoutContext &context);

    [[nodiscard]] Hit hitAt(const QPoint &point) const;
    /// The only link there is; empty: there is none, or a choice.
    [[nodiscard]] QString onlyLink() const;

    int height = 0;
    int sameHeightFrom = 0; ///< at this width and every larger one the height is this
    QRect gapLine;
    QString gapText; ///< with what a click does
    bool gapOpen = false;
    QRect dayLine;
    QRect markerLine;
    QRect message; ///< what is below these lines: ground of mention, hover and selection
    QRect avatar;
    QRect name;
    QRect time; ///< beside the name; of a row in a group: left of the text, while the mouse is over it
    QRect body;
    QRect mark; ///< of delivery
    QRect fold; ///< "Show all", "Show less"
    QRect problemBody;
    QRect resend;
    QRect discard;
    QRect deletingNote;
    QRect keepIt; ///< beside it
    QList<Link> links;
    QList<QRect> codes;
    QList<QRect> codeBlocks;
    int lines = 0; ///< of the body

    QString dayText;
    QString nameText; ///< as much as there is room for
    QString timeText;
    QString foldText;
    QString resendText;
    QString discardText;
    QString deletingText;
    QString keepItText;
    std::unique_ptr<QTextLayout> text;    ///< draw at body.topLeft()
    std::unique_ptr<QTextLayout> problem; ///< draw at problemBody.topLeft()
};

/// "Today", "Yesterday", "Monday, 23 November", with the year if it is another one.
[[nodiscard]] QString dayName(const QDate &day, const QDate &today);

} // namespace parlor::gui
