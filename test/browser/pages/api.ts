// A page that does nothing by itself: the public API stands ready for tests.
import * as netgroup from 'netgroup'
import './window.ts'

window.netgroup = netgroup
