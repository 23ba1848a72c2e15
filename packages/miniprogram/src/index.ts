export type { AlipayConfiguration, AlipayPayConfiguration } from "./alipay/configuration.js";
export { type AlipayDependencies, type AlipayProvider, alipayProvider } from "./alipay/provider.js";
export type { BillLine, BillRequest, PaymentBillLine, RefundBillLine } from "./bill.js";
export type { DouyinConfiguration, DouyinPayConfiguration } from "./douyin/configuration.js";
export { type DouyinDependencies, type DouyinProvider, douyinProvider } from "./douyin/provider.js";
export { isRetryable, MiniProgramErrors } from "./errors.js";
export type { JsonObject } from "./json-fields.js";
export type {
  Callback,
  CallbackAnswer,
  ClientParameters,
  PayCapabilities,
  PayNotification,
  PayOrder,
  PayProvider,
  PayState,
  PayTransaction,
  Refund,
  RefundKey,
  RefundNotification,
  RefundOrder,
  RefundState,
} from "./pay.js";
export type {
  Capabilities,
  EncryptedData,
  Login,
  LoginTokens,
  MessageLanguage,
  MessageProvider,
  MiniProgramProvider,
  PhoneNumber,
  SignedData,
  SubscribeMessage,
} from "./provider.js";
export type { MessagePush, PushedMessage, PushHandler, PushReply, PushRequest } from "./push.js";
export type { AppCredentials, WeChatConfiguration } from "./wechat/configuration.js";
export type { WeChatPayConfiguration } from "./wechat/pay/pay-configuration.js";
export { type WeChatDependencies, wechatProvider } from "./wechat/provider.js";
export { type WeChatPushDependencies, wechatPush } from "./wechat/push/message-push.js";
export type { WeChatPushConfiguration } from "./wechat/push/push-configuration.js";
