/**
 * Jest's Node environment with an ordinary global object. Its own is a proxy behind interceptors, so that each mention
 * of `Math`, `Number` or `process` takes a call into C++: parsing and drawing took twice as long in tests as in the
 * product.
 */
import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

type Options = ConstructorParameters<typeof TestEnvironment>;

export default class OrdinaryGlobal extends TestEnvironment {
  constructor(...options: Options) {
    const { createContext } = vm;
    // What it makes a context of is its own choice, and no option.
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(...options);
    } finally {
      vm.createContext = createContext;
    }
  }
}
