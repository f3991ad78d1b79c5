/** Texts of many kinds, written for the measuring of token estimates. Each kind has some hundred characters. */
export const corpus: Readonly<Record<string, string>> = {
  "English talk": `Could you tell me which of the books on the lower shelf are worth reading first? I have about three evenings this week, and I'd rather not begin anything that needs a second volume. My sister liked the one about the lighthouse keeper; I didn't get past the tenth page. Something with a plot, please, and not too sad.`,
  "English, formal": `The committee acknowledges that the proposed restructuring of the regional administration will necessitate considerable expenditure during the initial implementation period. Nevertheless, independent assessments consistently demonstrate that long-term efficiencies substantially outweigh transitional inconveniences, particularly regarding interdepartmental communication and procurement responsibilities.`,
  "technical documentation": `The connection pool keeps at most 64 idle sockets per origin. When a request is aborted before its headers arrive, the socket is destroyed; otherwise it returns to the pool. Set \`idleTimeoutMs\` to 0 to keep sockets forever. Retries (HTTP 408, 429, 503) use exponential back-off with full jitter, bounded by the deadline of the call.`,
  TypeScript: `export async function readLines(path: string, options: { limit?: number } = {}): Promise<string[]> {
  const { limit = Number.POSITIVE_INFINITY } = options;
  const lines: string[] = [];
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (lines.push(line.trimEnd()) >= limit) break;
  }
  return lines.filter((line) => line !== "");
}`,
  Python: `class Inventory:
    """Counts what is on each shelf."""

    def __init__(self, shelves=None):
        self.shelves = dict(shelves or {})

    def add(self, shelf, amount=1):
        if amount < 0:
            raise ValueError(f"cannot add {amount} to {shelf!r}")
        self.shelves[shelf] = self.shelves.get(shelf, 0) + amount
        return self.shelves[shelf]`,
  JSON: `{"order":{"id":"A-20931","placed_at":"2024-11-03T09:15:27Z","customer":{"name":"Iris Falk","email":"iris@example.org","vip":false},"items":[{"sku":"BK-1182","title":"The Glass Orchard","quantity":2,"price":14.5},{"sku":"BK-0047","title":"Northern Lights","quantity":1,"price":9.99}],"total":38.99,"currency":"EUR","notes":null}}`,
  "indented JSON": `{
  "name": "getWeather",
  "parameters": {
    "type": "object",
    "properties": {
      "city": { "type": "string", "description": "The city to look at" },
      "days": { "type": "integer", "minimum": 1, "maximum": 7 }
    },
    "required": ["city"],
    "additionalProperties": false
  }
}`,
  "Markdown table": `| model | input | output | notes |
|---|---:|---:|---|
| small | $0.15 | $0.60 | fast, good for labels |
| medium | $2.50 | $10.00 | the default |
| large | $15.00 | $75.00 | slow; use it for plans |

- **Prices** are per million tokens.
- Cached input costs a tenth.`,
  "figures and CSV": `date,station,temperature,humidity,pressure
2023-01-01,4711,-3.25,81,1013.2
2023-01-02,4711,-1.75,79,1009.8
2023-01-03,4711,0.50,92,1002.4
2023-01-04,4711,2.10,95,998.7
2023-01-05,4711,1.05,88,1004.1
2023-01-06,4711,-0.40,83,1011.9`,
  "links and paths": `See https://docs.example.com/en/latest/api/sessions.html#history-limits and https://github.com/example-org/long-repository-name/blob/main/packages/core/src/session/history.ts; the log is in /var/log/app/2024-06-01/worker-03.log, the settings in C:\\Users\\iris\\AppData\\Local\\Example\\settings.json.`,
  "hexadecimal ids": `550e8400-e29b-41d4-a716-446655440000
6ba7b810-9dad-11d1-80b4-00c04fd430c8
9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855`,
  base64: `iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZyBhbmQgcnVucyBiYWNrIGludG8gdGhlIGZvcmVzdC4=`,
  German: `Könnten Sie mir bitte sagen, welche der Bücher im unteren Regal sich für einen verregneten Nachmittag eignen? Die Geschichte über den Leuchtturmwärter hat meiner Schwester gut gefallen, mir war sie allerdings zu langatmig. Die Kraftfahrzeughaftpflichtversicherung muss ich heute auch noch kündigen.`,
  French: `Pourriez-vous me dire lesquels des livres de l'étagère du bas conviennent à un après-midi pluvieux ? L'histoire du gardien de phare a beaucoup plu à ma sœur, mais je l'ai trouvée un peu longue. J'aimerais quelque chose avec une vraie intrigue, et pas trop triste.`,
  Spanish: `¿Podría decirme cuáles de los libros del estante inferior son adecuados para una tarde lluviosa? La historia del guardián del faro le gustó mucho a mi hermana, aunque a mí me pareció un poco larga. Preferiría algo con una trama de verdad y que no sea demasiado triste.`,
  Polish: `Czy mógłby mi pan powiedzieć, które z książek na dolnej półce nadają się na deszczowe popołudnie? Historia o latarniku bardzo spodobała się mojej siostrze, mnie jednak wydała się trochę za długa. Wolałbym coś z prawdziwą fabułą i niezbyt smutnego.`,
  Turkish: `Alt raftaki kitaplardan hangilerinin yağmurlu bir öğleden sonraya uygun olduğunu söyleyebilir misiniz? Deniz feneri bekçisinin hikâyesi kız kardeşimin çok hoşuna gitti, ama bana biraz uzun geldi. Gerçek bir olay örgüsü olan ve çok hüzünlü olmayan bir şey tercih ederim.`,
  Vietnamese: `Bạn có thể cho tôi biết những cuốn sách nào ở kệ dưới phù hợp cho một buổi chiều mưa không? Em gái tôi rất thích câu chuyện về người gác hải đăng, còn tôi thì thấy nó hơi dài. Tôi muốn một cuốn có cốt truyện rõ ràng và không quá buồn.`,
  Russian: `Не могли бы вы подсказать, какие книги с нижней полки подойдут для дождливого вечера? История о смотрителе маяка очень понравилась моей сестре, а мне она показалась немного затянутой. Хотелось бы чего-нибудь с настоящим сюжетом и не слишком грустного.`,
  Greek: `Θα μπορούσατε να μου πείτε ποια από τα βιβλία στο κάτω ράφι ταιριάζουν σε ένα βροχερό απόγευμα; Η ιστορία του φαροφύλακα άρεσε πολύ στην αδελφή μου, εμένα όμως μου φάνηκε λίγο μεγάλη. Θα προτιμούσα κάτι με πραγματική πλοκή και όχι πολύ θλιβερό.`,
  Arabic: `هل يمكنك أن تخبرني أي الكتب على الرف السفلي تناسب أمسية ممطرة؟ أعجبت أختي كثيرا بقصة حارس المنارة، أما أنا فوجدتها طويلة بعض الشيء. أفضل شيئا له حبكة حقيقية وليس حزينا جدا.`,
  Hebrew: `האם תוכל לומר לי אילו מהספרים במדף התחתון מתאימים לאחר צהריים גשום? הסיפור על שומר המגדלור מצא חן מאוד בעיני אחותי, אבל לי הוא נראה קצת ארוך. הייתי מעדיף משהו עם עלילה אמיתית ולא עצוב מדי.`,
  Hindi: `क्या आप मुझे बता सकते हैं कि निचली शेल्फ की कौन सी किताबें बरसात की शाम के लिए ठीक रहेंगी? प्रकाशस्तंभ के रखवाले की कहानी मेरी बहन को बहुत पसंद आई, पर मुझे वह थोड़ी लंबी लगी। मुझे ऐसी कोई किताब चाहिए जिसमें सच्ची कहानी हो और जो बहुत उदास न हो।`,
  Thai: `ช่วยบอกหน่อยได้ไหมว่าหนังสือเล่มไหนบนชั้นล่างเหมาะกับบ่ายวันฝนตก น้องสาวของฉันชอบเรื่องคนเฝ้าประภาคารมาก แต่ฉันคิดว่ามันยาวไปหน่อย ฉันอยากได้เรื่องที่มีโครงเรื่องจริงจังและไม่เศร้าเกินไป`,
  Chinese: `请问下层书架上的哪些书适合在下雨的下午阅读？我妹妹很喜欢那本关于灯塔看守人的小说，但我觉得它有点长。我想找一本情节真正吸引人、又不太悲伤的书，最好三个晚上就能读完，因为这个星期我没有更多的时间。`,
  Japanese: `下の棚にある本の中で、雨の日の午後に読むのに向いているのはどれか教えていただけますか。妹は灯台守の物語がとても気に入ったのですが、私には少し長く感じられました。しっかりした筋があって、あまり悲しくないものがいいです。`,
  Korean: `아래 선반에 있는 책 가운데 비 오는 오후에 읽기 좋은 책이 무엇인지 알려 주시겠어요? 제 여동생은 등대지기 이야기를 아주 좋아했지만 저는 조금 길다고 느꼈어요. 줄거리가 탄탄하고 너무 슬프지 않은 책이면 좋겠습니다.`,
  emoji: `Great news! 🎉🎉 The release is out 🚀 and the tests are green ✅. Thanks to everyone 🙏 who stayed late 😴☕. Next stop: vacation 🏖️🌞🍹! Don't forget to water the plants 🌱🪴, feed the cat 🐈‍⬛ and lock the door 🔒👍🏽.`,
};
