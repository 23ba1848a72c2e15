import { payContract } from "../contract/pay-contract.fixture.js";
import { providerContract } from "../contract/provider-contract.fixture.js";
import { wechat } from "../contract/subjects.fixture.js";

providerContract(wechat);
payContract(wechat);
