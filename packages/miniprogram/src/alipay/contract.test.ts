import { payContract } from "../contract/pay-contract.fixture.js";
import { providerContract } from "../contract/provider-contract.fixture.js";
import { alipay } from "../contract/subjects.fixture.js";

providerContract(alipay);
payContract(alipay);
