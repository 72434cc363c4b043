"""What the server answers, as frozen values; fields that a newer server adds are passed over."""

from .base import Value
from .changes import (
    ConversationsChange,
    MessagesChange,
    ServiceSubscriptions,
    SubscriptionChange,
    SubscriptionError,
)
from .consent import OptOut, OptOutsImported
from .events import Event
from .hooks import Attempted, Delivery, DeliveryEvent, DeliveryStory, Hook, HookWithSecret, Replay
from .messages import (
    Attempt,
    Batch,
    BatchItem,
    Conversation,
    Conversion,
    CountedBatch,
    Deleted,
    Happening,
    ItemRefusal,
    Message,
    MessageStory,
    Receipt,
    Segment,
    SentToMany,
)
from .notices import (
    CancellationNotification,
    DeliveryNotification,
    EventDetails,
    EventNotification,
    InboundNotification,
    OtherNotification,
    OutboundNotification,
)
from .numbers import Assignment, Number, NumberStory, Offer, Payment, Sender
from .people import (
    Account,
    AccountEntry,
    AccountSettings,
    ApiKey,
    Caller,
    Key,
    NewAccount,
    NewKey,
    NewProject,
    NewToken,
    NewUser,
    NewVonage,
    Project,
    Token,
    User,
    Vonage,
)
from .simnet import Clock, Handset, Loss, PhoneMessage, Range, Throttle, Weather
from .talk import CreatedMessage, DeliveryInfo, NewSubscription, Subscription
from .texts import Cost, Culprit, Piece, Preview, Suggestion

__all__ = [
    "Account", "AccountEntry", "AccountSettings", "ApiKey", "Assignment", "Attempt", "Attempted", "Batch",
    "BatchItem", "Caller", "CancellationNotification", "Clock", "Conversation", "ConversationsChange", "Conversion",
    "Cost", "CountedBatch", "CreatedMessage", "Culprit", "Deleted", "Delivery", "DeliveryEvent", "DeliveryInfo",
    "DeliveryNotification", "DeliveryStory", "Event", "EventDetails", "EventNotification", "Handset", "Happening",
    "Hook", "HookWithSecret", "InboundNotification", "ItemRefusal", "Key", "Loss", "Message", "MessageStory",
    "MessagesChange", "NewAccount", "NewKey", "NewProject", "NewSubscription", "NewToken", "NewUser", "NewVonage",
    "Number", "NumberStory", "Offer", "OptOut", "OptOutsImported", "OtherNotification", "OutboundNotification",
    "Payment", "PhoneMessage", "Piece", "Preview", "Project", "Range", "Receipt", "Replay", "Segment", "Sender",
    "SentToMany", "ServiceSubscriptions", "Subscription", "SubscriptionChange", "SubscriptionError", "Suggestion",
    "Throttle", "Token", "User", "Value", "Vonage", "Weather",
]  # fmt: skip
