import { catalogContract } from './contracts/catalog.ts';
import { hostBudgetContract } from './contracts/host-budget.ts';
import { objectStoreContract } from './contracts/object-store.ts';
import { resourceStoreContract } from './contracts/resource-store.ts';
import { runStoreContract } from './contracts/run-store.ts';
import { sourceStoreContract } from './contracts/source-store.ts';
import { makeMemoryCatalog } from './memory-catalog.ts';
import { makeMemoryHostBudget } from './memory-host-budget.ts';
import { makeMemoryObjectStore } from './memory-object-store.ts';
import { makeMemoryResourceStore } from './memory-resource-store.ts';
import { makeMemoryRunStore } from './memory-run-store.ts';
import { makeMemorySourceStore } from './memory-source-store.ts';

objectStoreContract('The memory store', async () => makeMemoryObjectStore());
catalogContract('The memory store', async () => makeMemoryCatalog());
sourceStoreContract('The memory store', async () => makeMemorySourceStore());
resourceStoreContract('The memory store', async () => makeMemoryResourceStore());
runStoreContract('The memory store', async (now) => makeMemoryRunStore({ now }));
hostBudgetContract('The memory store', async (now) => {
  const budget = makeMemoryHostBudget({ now });
  return () => budget;
});
