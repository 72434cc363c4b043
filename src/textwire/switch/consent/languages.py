"""The words for STOP, START and HELP in the main languages, and what is answered in each.

A word stands here when a person who wants just that writes just that. Words that people also send alone for other
reasons (yes, no, end in most languages, "basta") are left out, except where a rule names them.

Sources: "FCC": 47 CFR 64.1200(a)(10) as of 2024 names stop, quit, end, revoke, opt out, cancel and unsubscribe;
"CTIA": Short Code Monitoring Handbook names STOP, END, CANCEL, UNSUBSCRIBE, QUIT, HELP and INFO; "CWTA": the Canadian
Common Short Code guidelines name STOP and ARRET, HELP and AIDE, INFO; "AF2M": STOP as the word of French senders;
"plain": the language's ordinary word for the wish, as a dictionary has it; "loan": STOP is used as it is there.
"""

from typing import Final, Literal

import msgspec

Wish = Literal["stop", "start", "help"]
WISHES: Final[tuple[Wish, ...]] = ("stop", "start", "help")


class Language(msgspec.Struct, frozen=True):
    """A language: its words and answers per wish, in which countries it decides who a shared word belongs to."""

    tag: str  # BCP 47
    name: str
    countries: tuple[str, ...]  # calling codes
    source: str
    words: dict[Wish, tuple[str, ...]]
    answers: dict[Wish, str]


def _language(
    tag: str, name: str, countries: str, source: str, stop: str, start: str, help: str,
    stopped: str, started: str, helped: str,
) -> Language:  # fmt: skip
    words: dict[Wish, tuple[str, ...]] = {"stop": _list(stop), "start": _list(start), "help": _list(help)}
    return Language(
        tag,
        name,
        tuple(countries.split()),
        source,
        words,
        {"stop": stopped, "start": started, "help": helped},
    )


def _list(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(","))


LANGUAGES: Final = (
    _language(
        "en", "English", "", "FCC, CTIA; stop all, stopall, optout: spellings of them that handsets send",
        "stop, stopall, stop all, unsubscribe, cancel, end, quit, revoke, opt out, optout",
        "start, unstop, subscribe, opt in, optin", "help, info",
        "You are unsubscribed and will get no more messages from this number. Reply START to get them again.",
        "You will get messages from this number again. Reply STOP to end them.",
        "Reply STOP to get no more messages from this number, START to get them again.",
    ),
    _language(
        "de", "German", "49 43 41", "loan; plain: (sich) abmelden, abbestellen",
        "stop, stopp, abmelden, abbestellen, stop alle", "start, anmelden", "hilfe",
        "Sie sind abgemeldet und erhalten von dieser Nummer keine Nachrichten mehr. Mit START melden Sie sich wieder an.",
        "Sie erhalten wieder Nachrichten von dieser Nummer. Mit STOP melden Sie sich ab.",
        "Mit STOP erhalten Sie keine Nachrichten mehr von dieser Nummer, mit START wieder welche.",
    ),
    _language(
        "fr", "French", "33 32", "AF2M; CWTA: arret, aide; plain: désabonner, désinscrire",
        "stop, arret, arrêter, désabonner, désinscrire, désinscription", "start, reprendre, abonner, réabonner", "aide",
        "Vous ne recevrez plus de messages de ce numéro. Répondez START pour en recevoir à nouveau.",
        "Vous recevrez à nouveau les messages de ce numéro. Répondez STOP pour les arrêter.",
        "Répondez STOP pour ne plus recevoir de messages de ce numéro, START pour en recevoir à nouveau.",
    ),
    _language(
        "es", "Spanish", "34 52 54 56 57 51 58", "loan; plain: parar, baja (darse de baja), cancelar",
        "stop, parar, baja, cancelar, alto", "start, alta, iniciar", "ayuda",
        "Se ha dado de baja y no recibirá más mensajes de este número. Responda ALTA para recibirlos de nuevo.",
        "Recibirá de nuevo los mensajes de este número. Responda BAJA para dejar de recibirlos.",
        "Responda BAJA para no recibir más mensajes de este número, ALTA para recibirlos de nuevo.",
    ),
    _language(
        "pt", "Portuguese", "55 351", "loan; plain: parar, sair, cancelar",
        "stop, parar, pare, sair, cancelar, remover", "iniciar, voltar, retomar", "ajuda",
        "Não receberá mais mensagens deste número. Responda VOLTAR para as receber de novo.",
        "Voltará a receber mensagens deste número. Responda SAIR para deixar de as receber.",
        "Responda SAIR para não receber mais mensagens deste número, VOLTAR para as receber de novo.",
    ),
    _language(
        "it", "Italian", "39", "loan; plain: ferma, annulla, cancellami, disiscrivi",
        "stop, ferma, annulla, cancellami, disiscrivi, disiscrivimi", "start, inizia, iscrivi, iscrivimi", "aiuto",
        "Non riceverai più messaggi da questo numero. Rispondi START per riceverli di nuovo.",
        "Riceverai di nuovo i messaggi da questo numero. Rispondi STOP per non riceverli più.",
        "Rispondi STOP per non ricevere più messaggi da questo numero, START per riceverli di nuovo.",
    ),
    _language(
        "nl", "Dutch", "31", "loan; plain: afmelden, uitschrijven",
        "stop, stoppen, afmelden, uitschrijven", "start, aanmelden, inschrijven", "hulp",
        "U bent afgemeld en krijgt geen berichten meer van dit nummer. Antwoord START om ze weer te krijgen.",
        "U krijgt weer berichten van dit nummer. Antwoord STOP om ze te beëindigen.",
        "Antwoord STOP om geen berichten meer van dit nummer te krijgen, START om ze weer te krijgen.",
    ),
    _language(
        "pl", "Polish", "48", "loan; plain: zatrzymaj, rezygnuję, wypisz",
        "stop, zatrzymaj, rezygnuję, rezygnacja, wypisz", "start, wznów, zapisz", "pomoc",
        "Nie otrzymasz więcej wiadomości z tego numeru. Odpisz START, aby znów je otrzymywać.",
        "Znów będziesz otrzymywać wiadomości z tego numeru. Odpisz STOP, aby je zakończyć.",
        "Odpisz STOP, aby nie otrzymywać wiadomości z tego numeru, START, aby znów je otrzymywać.",
    ),
    _language(
        "tr", "Turkish", "90", "plain: dur, durdur, iptal (et)",
        "dur, durdur, iptal, abonelikten çık", "başla, başlat", "yardım",
        "Bu numaradan artık mesaj almayacaksınız. Yeniden almak için BAŞLA yazın.",
        "Bu numaradan yeniden mesaj alacaksınız. Durdurmak için DUR yazın.",
        "Bu numaradan mesaj almamak için DUR, yeniden almak için BAŞLA yazın.",
    ),
    _language(
        "sv", "Swedish", "46", "loan: stopp; plain: avsluta, avregistrera",
        "stopp, avsluta, avregistrera, avprenumerera", "starta, börja, prenumerera", "hjälp",
        "Du får inga fler meddelanden från detta nummer. Svara STARTA för att få dem igen.",
        "Du får meddelanden från detta nummer igen. Svara STOPP för att avsluta.",
        "Svara STOPP för att inte få fler meddelanden från detta nummer, STARTA för att få dem igen.",
    ),
    _language(
        "da", "Danish", "45", "loan; plain: afmeld, frameld",
        "stop, afmeld, frameld, afslut", "start, tilmeld", "hjælp",
        "Du får ikke flere beskeder fra dette nummer. Svar START for at få dem igen.",
        "Du får igen beskeder fra dette nummer. Svar STOP for at afslutte.",
        "Svar STOP for ikke at få flere beskeder fra dette nummer, START for at få dem igen.",
    ),
    _language(
        "nb", "Norwegian", "47", "loan: stopp; plain: avslutt, avmeld",
        "stopp, avslutt, avmeld, meld av", "start, påmeld, meld på", "hjelp",
        "Du får ikke flere meldinger fra dette nummeret. Svar START for å få dem igjen.",
        "Du får igjen meldinger fra dette nummeret. Svar STOPP for å avslutte.",
        "Svar STOPP for ikke å få flere meldinger fra dette nummeret, START for å få dem igjen.",
    ),
    _language(
        "fi", "Finnish", "358", "plain: lopeta, peruuta (seis is a number in Spanish)",
        "lopeta, peruuta", "aloita, tilaa", "ohje, apua",
        "Et saa enää viestejä tästä numerosta. Vastaa ALOITA, niin saat niitä taas.",
        "Saat taas viestejä tästä numerosta. Vastaa LOPETA, jos et halua niitä.",
        "Vastaa LOPETA, niin et saa viestejä tästä numerosta; ALOITA, niin saat niitä taas.",
    ),
    _language(
        "cs", "Czech", "420", "loan; plain: odhlásit, zrušit",
        "stop, odhlásit, zrušit, zastavit", "start, přihlásit, obnovit", "pomoc",
        "Z tohoto čísla už nedostanete žádné zprávy. Odpovězte START a budete je dostávat znovu.",
        "Z tohoto čísla budete znovu dostávat zprávy. Odpovězte STOP a skončí.",
        "Odpovězte STOP, abyste z tohoto čísla nedostávali zprávy, START, abyste je dostávali znovu.",
    ),
    _language(
        "ro", "Romanian", "40 373", "loan; plain: oprește, dezabonare, anulează",
        "stop, oprește, opriți, dezabonare, anulează", "start, pornește, abonare", "ajutor",
        "Nu veți mai primi mesaje de la acest număr. Răspundeți START pentru a le primi din nou.",
        "Veți primi din nou mesaje de la acest număr. Răspundeți STOP pentru a le opri.",
        "Răspundeți STOP pentru a nu mai primi mesaje de la acest număr, START pentru a le primi din nou.",
    ),
    _language(
        "hu", "Hungarian", "36", "loan; plain: leállít, leiratkozás",
        "stop, leállít, leállítás, leiratkozás, leiratkozom, lemondás", "start, indít, feliratkozás, feliratkozom", "segítség, súgó",
        "Erről a számról nem kap több üzenetet. Ha újra kér, válaszoljon: START.",
        "Erről a számról újra kap üzeneteket. Ha nem kér többet, válaszoljon: STOP.",
        "STOP: nem kap több üzenetet erről a számról. START: újra kap.",
    ),
    _language(
        "el", "Greek", "30 357", "plain: στοπ (loan), διακοπή, ακύρωση",
        "στοπ, διακοπή, ακύρωση, διαγραφή", "έναρξη, εγγραφή", "βοήθεια",
        "Δεν θα λαμβάνετε άλλα μηνύματα από αυτόν τον αριθμό. Απαντήστε ΕΝΑΡΞΗ για να τα λαμβάνετε ξανά.",
        "Θα λαμβάνετε ξανά μηνύματα από αυτόν τον αριθμό. Απαντήστε ΔΙΑΚΟΠΗ για να σταματήσουν.",
        "Απαντήστε ΔΙΑΚΟΠΗ για να μη λαμβάνετε μηνύματα από αυτόν τον αριθμό, ΕΝΑΡΞΗ για να τα λαμβάνετε ξανά.",
    ),
    _language(
        "ru", "Russian", "7", "loan: стоп; plain: отписаться, отмена",
        "стоп, отписаться, отписка, отмена, отказ", "старт, начать, подписаться", "помощь, справка",
        "Вы больше не будете получать сообщения с этого номера. Чтобы получать их снова, ответьте СТАРТ.",
        "Вы снова будете получать сообщения с этого номера. Чтобы отказаться, ответьте СТОП.",
        "СТОП — не получать сообщения с этого номера, СТАРТ — получать их снова.",
    ),
    _language(
        "uk", "Ukrainian", "380", "loan: стоп; plain: відписатися, скасувати",
        "стоп, відписатися, скасувати, відмова", "старт, почати, підписатися", "допомога, довідка",
        "Ви більше не отримуватимете повідомлень із цього номера. Щоб отримувати їх знову, дайте відповідь СТАРТ.",
        "Ви знову отримуватимете повідомлення з цього номера. Щоб відмовитися, дайте відповідь СТОП.",
        "СТОП — не отримувати повідомлень із цього номера, СТАРТ — отримувати їх знову.",
    ),
    _language(
        "ar", "Arabic", "20 966 971 212 213 216 962", "plain: إيقاف, توقف, إلغاء",
        "إيقاف, توقف, قف, إلغاء, إلغاء الاشتراك", "ابدأ, بدء, اشتراك", "مساعدة",
        "لن تصلك رسائل أخرى من هذا الرقم. أرسل ابدأ لتصلك من جديد.",
        "ستصلك الرسائل من هذا الرقم من جديد. أرسل إيقاف لإنهائها.",
        "أرسل إيقاف كي لا تصلك رسائل من هذا الرقم، أو ابدأ لتصلك من جديد.",
    ),
    _language(
        "he", "Hebrew", "972", "plain: עצור, הפסק, הסר (the word that Israeli senders ask for)",
        "הסר, עצור, הפסק, ביטול, להסרה", "התחל, הצטרף", "עזרה",
        "לא יישלחו אליך עוד הודעות ממספר זה. כדי לקבלן שוב, יש להשיב התחל.",
        "יישלחו אליך שוב הודעות ממספר זה. כדי להפסיק, יש להשיב הסר.",
        "יש להשיב הסר כדי לא לקבל הודעות ממספר זה, התחל כדי לקבלן שוב.",
    ),
    _language(
        "hi", "Hindi", "91", "plain: रोकें, बंद करें; स्टॉप (loan)",
        "रोकें, रोको, बंद, बंद करें, स्टॉप", "शुरू, शुरू करें, स्टार्ट", "मदद, सहायता",
        "आपको इस नंबर से और संदेश नहीं मिलेंगे। फिर से पाने के लिए शुरू लिखें।",
        "आपको इस नंबर से फिर संदेश मिलेंगे। रोकने के लिए बंद लिखें।",
        "इस नंबर से संदेश न पाने के लिए बंद, फिर से पाने के लिए शुरू लिखें।",
    ),
    _language(
        "id", "Indonesian", "62", "plain: berhenti; batal",
        "berhenti, batal, hentikan", "mulai", "bantuan",
        "Anda tidak akan menerima pesan lagi dari nomor ini. Balas MULAI untuk menerimanya kembali.",
        "Anda akan menerima pesan dari nomor ini lagi. Balas BERHENTI untuk menghentikannya.",
        "Balas BERHENTI agar tidak menerima pesan dari nomor ini, MULAI untuk menerimanya kembali.",
    ),
    _language(
        "vi", "Vietnamese", "84", "plain: dừng, từ chối, hủy đăng ký (hủy alone is a name when its marks are left out)",
        "dừng, dừng lại, từ chối, hủy đăng ký", "bắt đầu, đăng ký", "trợ giúp, giúp đỡ",
        "Bạn sẽ không nhận tin nhắn từ số này nữa. Trả lời BẮT ĐẦU để nhận lại.",
        "Bạn sẽ nhận lại tin nhắn từ số này. Trả lời DỪNG để ngừng nhận.",
        "Trả lời DỪNG để không nhận tin nhắn từ số này, BẮT ĐẦU để nhận lại.",
    ),
    _language(
        "th", "Thai", "66", "plain: หยุด, ยกเลิก",
        "หยุด, ยกเลิก, เลิกรับ", "เริ่ม, สมัคร", "ช่วยเหลือ, ช่วยด้วย",
        "คุณจะไม่ได้รับข้อความจากหมายเลขนี้อีก ตอบ เริ่ม เพื่อรับอีกครั้ง",
        "คุณจะได้รับข้อความจากหมายเลขนี้อีกครั้ง ตอบ หยุด เพื่อยกเลิก",
        "ตอบ หยุด เพื่อไม่รับข้อความจากหมายเลขนี้ ตอบ เริ่ม เพื่อรับอีกครั้ง",
    ),
    _language(
        "ja", "Japanese", "81", "plain: 停止, 配信停止, 解除; ストップ (loan)",
        "停止, 配信停止, 解除, 退会, ストップ", "開始, 再開, スタート", "ヘルプ",
        "この番号からのメッセージを停止しました。再開するには「開始」と返信してください。",
        "この番号からのメッセージを再開しました。停止するには「停止」と返信してください。",
        "この番号からのメッセージを止めるには「停止」、再開するには「開始」と返信してください。",
    ),
    _language(
        "ko", "Korean", "82", "plain: 중지, 수신거부 (the term of Korean senders), 해지",
        "중지, 정지, 수신거부, 수신 거부, 해지, 그만", "시작, 수신동의, 수신 동의", "도움말, 도움",
        "이 번호의 메시지를 더 이상 받지 않습니다. 다시 받으려면 시작이라고 답장하세요.",
        "이 번호의 메시지를 다시 받습니다. 그만 받으려면 중지라고 답장하세요.",
        "이 번호의 메시지를 받지 않으려면 중지, 다시 받으려면 시작이라고 답장하세요.",
    ),
    _language(
        "zh", "Chinese", "86 852 853 886", "plain: 停止, 退订 (the word that Chinese senders ask for), 取消",
        "停止, 退订, 退訂, 取消, 取消订阅, 取消訂閱", "开始, 開始, 订阅, 訂閱", "帮助, 幫助",
        "您将不再收到此号码的短信。回复“开始”可重新接收。",
        "您将重新收到此号码的短信。回复“退订”可停止接收。",
        "回复“退订”停止接收此号码的短信，回复“开始”重新接收。",
    ),
)  # fmt: skip
