/** Somebody else's client of WeChat Pay v3 (npm: wechatpay-axios-plugin) judges the stand-in, and the provider's own cryptography. */
import assert from "node:assert/strict";
import { createHash, createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { type TestContext, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { Aes, Formatter, Rsa, Wechatpay } from "wechatpay-axios-plugin";
import type { BillLine } from "../index.js";
import { authorizationScheme, parseAuthorization } from "../wechat/pay/authorization.js";
import { clientMessage, requestMessage, signText, verifyBytes } from "../wechat/pay/signature.js";
import { startWorld, type World } from "./world.fixture.js";

const day = 86_400_000;

/** The client's types know nothing of the interfaces: the same for what is sent and what comes back. */
interface Fields {
  readonly [name: string]: string | number | Fields;
}

/** The client has no clock but the system's, so the stand-in runs on that too. */
async function foreignWorld(t: TestContext, certs?: Record<string, string>) {
  const world = await startWorld(t, { ownClock: true, rules: { refundSpacingMs: 0 } });
  return { world, client: foreignClient(world, certs) };
}

function foreignClient({ keys, standin }: World, certs?: Record<string, string>) {
  const known = Object.fromEntries(keys.platform.map(({ serial, publicKey }) => [serial, publicKey]));
  return new Wechatpay({
    mchid: keys.merchantId,
    serial: keys.merchantSerial,
    privateKey: keys.merchant.privateKey,
    certs: certs ?? known,
    baseURL: `${standin.url}/`,
    // Its own way over the machine's proxy settings would leave the loopback.
    proxy: false,
  });
}

async function order(world: World, client: Wechatpay, outTradeNo: string): Promise<string> {
  const { data } = await client.chain("v3/pay/transactions/jsapi").post<Fields>({
    appid: world.keys.appId,
    mchid: world.keys.merchantId,
    description: "龙井茶, 两包",
    out_trade_no: outTradeNo,
    notify_url: world.merchant.url,
    amount: { total: 1200, currency: "CNY" },
    payer: { openid: await world.user() },
  });
  return String(data.prepay_id);
}

test("the foreign client creates, queries and closes orders, and checks each answer's signature", async (t) => {
  const { world, client } = await foreignWorld(t);
  const mchid = world.keys.merchantId;
  const prepayId = await order(world, client, "foreign-1");
  assert.match(prepayId, /^wx/);
  const query = (outTradeNo: string) =>
    client.chain("v3/pay/transactions/out-trade-no/{number}").get({ params: { mchid }, number: outTradeNo });
  assert.equal((await query("foreign-1")).data.trade_state, "NOTPAY");
  const paid = await world.control("pay", { prepayId });
  assert.equal((await query("foreign-1")).data.trade_state, "SUCCESS");
  const byId = await client.chain("v3/pay/transactions/id/{id}").get({ params: { mchid }, id: paid.transactionId });
  assert.equal(byId.data.out_trade_no, "foreign-1");

  await order(world, client, "foreign-2");
  const close = () =>
    client.chain("v3/pay/transactions/out-trade-no/{number}/close").post({ mchid }, { number: "foreign-2" });
  assert.equal((await close()).status, 204);
  assert.equal((await query("foreign-2")).data.trade_state, "CLOSED");
  await assert.rejects(query("never-was"), (error: { response: { status: number; data: { code: string } } }) => {
    assert.equal(error.response.status, 404);
    assert.equal(error.response.data.code, "ORDER_NOT_EXIST");
    return true;
  });
});

test("the foreign client refunds, and opens the callbacks of payment and refund with its own cryptography", async (t) => {
  const { world, client } = await foreignWorld(t);
  const prepayId = await order(world, client, "foreign-3");
  const paid = await world.control("pay", { prepayId });
  const refund = await client.chain("v3/refund/domestic/refunds").post<Fields>({
    transaction_id: paid.transactionId,
    out_refund_no: "foreign-3-a",
    reason: "商品已售完",
    notify_url: world.merchant.url,
    amount: { refund: 200, total: 1200, currency: "CNY" },
  });
  assert.equal(refund.data.status, "SUCCESS");
  const asked = await client.chain("v3/refund/domestic/refunds/{no}").get({ no: "foreign-3-a" });
  assert.deepEqual(asked.data, refund.data);
  await world.control("clock/advance", { ms: 1 });
  await world.standin.settled();

  const [payment, refunded] = world.merchant.received;
  const events = [payment, refunded].map((callback) => {
    assert.ok(callback !== undefined);
    const header = (name: string): string => String(callback.headers[name]);
    const body = callback.rawBody.toString("utf8");
    const text = Formatter.response(header("wechatpay-timestamp"), header("wechatpay-nonce"), body);
    const platform = world.keys.platform.find(({ serial }) => serial === header("wechatpay-serial"));
    const key = Rsa.from(platform?.publicKey ?? "", Rsa.KEY_TYPE_PUBLIC);
    assert.equal(Rsa.verify(text, header("wechatpay-signature"), key), true);
    assert.equal(Rsa.verify(`${text} `, header("wechatpay-signature"), key), false);
    const { event_type, resource } = JSON.parse(body);
    const { ciphertext, nonce, associated_data } = resource;
    return [event_type, JSON.parse(Aes.AesGcm.decrypt(ciphertext, world.keys.apiV3Key, nonce, associated_data))];
  });
  assert.equal(events[0]?.[0], "TRANSACTION.SUCCESS");
  assert.equal(events[0]?.[1].amount.total, 1200);
  assert.equal(events[1]?.[0], "REFUND.SUCCESS");
  assert.equal(events[1]?.[1].refund_status, "SUCCESS");
  assert.equal(events[1]?.[1].amount.refund, 200);
});

test("the foreign client downloads certificates, and then checks answers with them", async (t) => {
  const { world, client } = await foreignWorld(t);
  await world.control("platform-certificates", {}, 201);
  const { data } = await client.chain("v3/certificates").get();
  assert.equal(data.data.length, 2);
  const certs: Record<string, string> = {};
  for (const { serial_no, encrypt_certificate } of data.data) {
    const { ciphertext, nonce, associated_data } = encrypt_certificate;
    const pem = Aes.AesGcm.decrypt(ciphertext, world.keys.apiV3Key, nonce, associated_data);
    assert.equal(new X509Certificate(pem).serialNumber.padStart(40, "0"), serial_no);
    certs[serial_no] = pem;
  }
  await world.control("signing", { answers: "certificate" });
  const withCertificates = foreignClient(world, certs);
  assert.match(await order(world, withCertificates, "foreign-4"), /^wx/);
  // The public key is not among them, so what it signs is not believed.
  await world.control("signing", { answers: "public-key" });
  await assert.rejects(order(world, withCertificates, "foreign-5"), { code: "EV3_RES_HEADER_PLATFORM_SERIAL" });
});

test("the foreign client refuses answers whose signature is wrong or absent", async (t) => {
  const { world, client } = await foreignWorld(t);
  await world.control("faults", { kind: "forged" });
  await assert.rejects(order(world, client, "foreign-6"), { code: "EV3_RES_HEADER_SIGNATURE_DIGEST" });
  await world.control("faults", { kind: "unsigned" });
  await assert.rejects(order(world, client, "foreign-6-b"), { code: "EV3_RES_HEADERS_INCOMPLATE" });
  const exchanged = Object.fromEntries(
    world.keys.platform.map(({ serial }, index) => [serial, world.keys.platform[1 - index]?.publicKey ?? ""]),
  );
  await assert.rejects(order(world, foreignClient(world, exchanged), "foreign-6-c"), {
    code: "EV3_RES_HEADER_SIGNATURE_DIGEST",
  });
});

test("a foreign client with another merchant's key is refused", async (t) => {
  const { world } = await foreignWorld(t);
  const stranger = { ...world.keys, merchant: world.keys.platform[0] ?? assert.fail() };
  const client = foreignClient({ ...world, keys: stranger });
  await assert.rejects(client.chain("v3/certificates").get(), (error: { response: { status: number } }) => {
    assert.equal(error.response.status, 401);
    return true;
  });
});

test("the foreign client downloads a bill, and reads what the provider reads", async (t) => {
  const { world, client } = await foreignWorld(t);
  for (const number of ["foreign-7", "foreign-8"])
    await world.control("pay", { prepayId: await order(world, client, number) });
  await client.chain("v3/refund/domestic/refunds").post<Fields>({
    out_trade_no: "foreign-7",
    out_refund_no: "foreign-7-a",
    amount: { refund: 700, total: 1200, currency: "CNY" },
  });
  const date = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
  await world.control("clock/advance", { ms: 2 * day });
  const { data } = await client.chain("v3/bill/tradebill").get({
    params: { bill_date: date, bill_type: "ALL", tar_type: "GZIP" },
  });
  assert.equal(data.hash_type, "SHA1");
  const url = new URL(data.download_url);
  const file = await client.chain("v3/billdownload/file").get({
    params: { token: url.searchParams.get("token") },
    responseType: "arraybuffer",
  });
  const bill = gunzipSync(file.data);
  assert.equal(createHash("sha1").update(bill).digest("hex"), data.hash_value);
  const { rows, summary } = Formatter.castCsvBill(bill) as unknown as Bill;
  assert.equal(rows.length, 3);
  assert.equal(summary.总交易单数, "3");
  assert.equal(summary.订单总金额, "24.00");
  assert.equal(summary.申请退款总金额, "7.00");

  const lines: BillLine[] = [];
  for await (const line of world.pay.downloadBill({ kind: "trade", date }, world.call())) lines.push(line);
  assert.deepEqual(
    lines.map((line) => [line.outTradeNo, line.kind === "refund" ? "REFUND" : "SUCCESS", yuan(line.amount)]),
    rows.map((row) => [row.商户订单号, row.交易状态, row.交易状态 === "REFUND" ? row.申请退款金额 : row.订单金额]),
  );
});

interface Bill {
  readonly rows: readonly Record<string, string>[];
  readonly summary: Record<string, string>;
}

function yuan(fen: bigint): string {
  return `${fen / 100n}.${String(fen % 100n).padStart(2, "0")}`;
}

test("each side verifies what the other has signed: requests, and what a phone checks", async (t) => {
  const { world } = await foreignWorld(t);
  const { keys } = world;
  const privateKey = Rsa.from(keys.merchant.privateKey, Rsa.KEY_TYPE_PRIVATE);
  const publicKey = Rsa.from(keys.merchant.publicKey, Rsa.KEY_TYPE_PUBLIC);
  const [path, nonce, timestamp, body] = [
    "/v3/pay/x?a=%E8%8C%B6",
    Formatter.nonce(),
    Formatter.timestamp(),
    '{"a":"茶"}',
  ];
  // Theirs, read and verified by us.
  const theirs = Rsa.sign(Formatter.request("POST", path, timestamp, nonce, body), privateKey);
  const header = Formatter.authorization(keys.merchantId, nonce, theirs, timestamp, keys.merchantSerial);
  const parsed = parseAuthorization(header) ?? assert.fail(`${authorizationScheme} is not read`);
  const message = Buffer.from(requestMessage("POST", path, parsed.timestamp, parsed.nonceStr, body));
  assert.equal(await verifyBytes(message, parsed.signature, createPublicKey(keys.merchant.publicKey)), true);
  // Ours, verified by them.
  const ours = await signText(message.toString("utf8"), createPrivateKey(keys.merchant.privateKey));
  assert.equal(Rsa.verify(Formatter.request("POST", path, timestamp, nonce, body), ours, publicKey), true);
  assert.equal(ours, theirs);

  const { prepayId } = await world.order();
  const parameters = await world.pay.clientParameters(prepayId);
  const { appId = "", timeStamp = "", nonceStr = "", package: pack = "", paySign = "" } = parameters;
  const signed = Formatter.joinedByLineFeed(appId, timeStamp, nonceStr, pack);
  assert.equal(signed, clientMessage(appId, timeStamp, nonceStr, pack));
  assert.equal(Rsa.verify(signed, paySign, publicKey), true);
  const made = Rsa.sign(Formatter.joinedByLineFeed(keys.appId, timeStamp, "own", pack), privateKey);
  const clientParameters = { ...parameters, nonceStr: "own", paySign: made };
  assert.equal((await world.control("pay", { clientParameters })).state, "SUCCESS");
});
